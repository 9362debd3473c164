/**
 * The pages' small script; they are complete without it, and it has no words of its own: all it says
 * stands in the page, in `data-*`.
 *
 * - What has `data-left` seconds left counts down, by the browser's steady clock: a phone whose time
 *   of day is wrong shows the right wait. A button with it waits so long.
 * - How far the text got is asked for while the page is seen, and once when it is seen again: then the
 *   code may be over, or the user be in by another tab.
 * - The code's field takes a whole text, is filled by WebOTP, and sends itself when the code is in, as
 *   is said beside it: not the code that was just refused.
 * - A form is sent once, and says so; the button comes back with the page, or after 20 seconds.
 * - The first text is asked for by sending the form that a person would send: not while the page is
 *   only being prerendered, and not again when the browser shows the page from its history.
 * - Recovery codes can be copied, saved and printed.
 */
export const SCRIPT = `'use strict';
(() => {
  const all = (query) => [...document.querySelectorAll(query || 'nothing')];
  const said = document.createElement('p');
  said.className = 'unseen';
  said.setAttribute('role', 'status');
  (document.querySelector('main') || document.body).append(said);
  const tell = (words) => { if (words) said.textContent = words; };
  const post = (form) => { form.requestSubmit ? form.requestSubmit() : form.submit(); };

  const isOff = (button) => button && button.getAttribute('aria-disabled') === 'true';
  const off = (button) => button.setAttribute('aria-disabled', 'true');
  const on = (button) => button.removeAttribute('aria-disabled');
  let sent = [];
  const free = () => {
    sent.forEach(({ button, words }) => { on(button); button.textContent = words; });
    sent = [];
  };
  all('form').forEach((form) => form.addEventListener('submit', (event) => {
    const button = event.submitter || form.querySelector('[type=submit]');
    if (isOff(button) || event.defaultPrevented) return event.preventDefault();
    if (!button) return;
    sent.push({ button, words: button.textContent });
    off(button);
    if (button.dataset.sending) tell(button.textContent = button.dataset.sending);
    setTimeout(free, 20000);
  }));
  addEventListener('pageshow', (event) => {
    if (!event.persisted) return;
    if (document.querySelector('form[data-once=kept]')) location.reload();
    free();
    tick();
  });

  const loaded = performance.getEntriesByType('navigation')[0];
  const began = (loaded && loaded.responseStart) || performance.now();
  const two = (number) => String(number).padStart(2, '0');
  const digits = (left) => {
    const minutes = Math.floor(left / 60);
    const hours = left < 3600 ? '' : Math.floor(minutes / 60) + ':';
    return hours + (hours ? two(minutes % 60) : minutes) + ':' + two(left % 60);
  };
  const inWords = (left) => {
    try {
      const unit = left % 60 ? 'second' : 'minute';
      const lang = document.documentElement.lang + '-u-nu-latn';
      return new Intl.NumberFormat(lang, { style: 'unit', unit, unitDisplay: 'long' })
        .format(left % 60 ? left : left / 60);
    } catch {
      return digits(left);
    }
  };
  const clocks = all('[data-left]').map((of) => {
    const button = of.tagName === 'BUTTON' && of;
    const face = button ? document.createElement('span') : of;
    if (button) {
      face.className = 'clock';
      face.setAttribute('aria-hidden', 'true');
      button.append(face);
      // Its sentence is for those who do not see the button's own clock.
      all(of.dataset.instead).forEach((each) => each.classList.add('unseen'));
      off(button);
    }
    return { of, button, face, last: Number(of.dataset.left), over: false };
  });
  const end = (clock) => {
    const { hides, shows, over } = clock.of.dataset;
    const isShown = !clock.of.closest('[hidden]');
    clock.over = true;
    if (clock.button) {
      on(clock.button);
      clock.face.remove();
    }
    const hidden = all(hides);
    const hadFocus = hidden.some((each) => each.contains(document.activeElement));
    hidden.forEach((each) => { each.hidden = true; });
    all(shows).forEach((each) => {
      each.hidden = false;
      if (each.tagName === 'DETAILS') each.open = true;
      const next = each.querySelector('button, a, input:not([type=hidden])');
      if (hadFocus && next) next.focus();
    });
    if (isShown) tell(over);
  };
  let ticking;
  const tick = () => {
    clearTimeout(ticking);
    const passed = performance.now() - began;
    clocks.filter(({ over }) => !over).forEach((clock) => {
      const left = Math.max(0, Math.ceil(Number(clock.of.dataset.left) - passed / 1000));
      if (!left) return end(clock);
      const mark = [30, 60, 300].find((each) => left <= each && each < clock.last);
      if (mark && clock.of.dataset.say) tell(clock.of.dataset.say.replace('{time}', inWords(mark)));
      clock.last = left;
      clock.face.textContent = digits(left);
    });
    if (clocks.some(({ over }) => !over)) ticking = setTimeout(tick, 1010 - (passed % 1000));
  };
  tick();

  const line = document.querySelector('[data-delivery]');
  if (line) {
    const { delivery: path, home } = line.dataset;
    const ask = (address) => fetch(address, { headers: { accept: 'application/json' } });
    const isFinal = () => line.textContent.trim() !== '';
    let looks = 0;
    let looking;
    const learn = async () => {
      const answer = await ask(path);
      const { code, delivery } = await answer.json();
      const words = line.dataset[delivery];
      if (words) {
        line.className = delivery === 'failed' ? 'warning' : 'hint';
        line.textContent = words;
      }
      if (code !== 'challenge_expired') return;
      const { verified } = home ? await (await ask(path.replace(/challenge$/, ''))).json() : {};
      if (verified) location.replace(home);
      else clocks.filter(({ of, over }) => !over && of.dataset.shows === '#expired').forEach(end);
    };
    const look = () => {
      clearTimeout(looking);
      if (document.hidden || line.closest('[hidden]')) return;
      looks += 1;
      learn().catch(() => {}).then(() => {
        if (!isFinal()) looking = setTimeout(look, looks > 20 ? 15000 : 5000);
      });
    };
    if (!isFinal()) looking = setTimeout(look, 5000);
    document.addEventListener('visibilitychange', look);
  }
  document.addEventListener('visibilitychange', tick);

  const field = document.querySelector('[data-digits]');
  if (field) {
    const count = Number(field.dataset.digits);
    const { form } = field;
    all('#goes-on').forEach((hint) => {
      hint.hidden = false;
      field.setAttribute('aria-describedby', 'goes-on ' + (field.getAttribute('aria-describedby') || ''));
    });
    const ascii = (digit) => {
      const point = digit.codePointAt(0);
      let zero = point;
      while (/\\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
      return (point - zero) % 10;
    };
    const codeIn = (typed) => {
      const text = typed.normalize('NFKC')
        .replace(/\\p{Default_Ignorable_Code_Point}/gu, '')
        .replace(/\\s/g, ' ')
        .replace(/[\\p{Pd}\\u2212\\u30fc]/gu, '-')
        .replace(/\\p{Nd}/gu, ascii);
      const bare = (part) => part.replace(/[ -]/g, '');
      if (/^\\d+$/.test(bare(text))) return bare(text).length === count ? bare(text) : '';
      const numbers = text.match(/\\d(?:[ -]?\\d)*/g) || [];
      const isMarked = /^[#("'“”‘’«»]*\\d(?:[ -]?\\d)*["'“”‘’«».,;:!?)]*$/.test(text);
      if (!isMarked && !/\\p{L}{2}/u.test(text)) return '';
      const found = new Set(numbers.map(bare).filter((each) => each.length === count));
      return found.size === 1 ? [...found][0] : '';
    };
    // Enough to know a code again, and too little to tell it.
    const mark = (code) => String(Number(code) % 97);
    const memory = (change) => {
      try {
        return change === undefined ? sessionStorage.sms2fa : (sessionStorage.sms2fa = change);
      } catch {
        return undefined;
      }
    };
    const refused = document.querySelector('#problem[role=alert]') ? memory() : undefined;
    form.addEventListener('submit', () => memory(mark(codeIn(field.value))));
    const take = (typed) => {
      const code = codeIn(typed);
      if (!code) return false;
      field.value = code;
      if (mark(code) !== refused && !isOff(form.querySelector('[type=submit]'))) post(form);
      return true;
    };
    field.addEventListener('input', (event) => { if (!event.isComposing) take(field.value); });
    field.addEventListener('compositionend', () => take(field.value));
    field.addEventListener('paste', (event) => {
      if (event.clipboardData && take(event.clipboardData.getData('text'))) event.preventDefault();
    });
    if ('webOtp' in field.dataset && 'OTPCredential' in self) {
      const wait = new AbortController();
      const stop = () => wait.abort();
      form.addEventListener('submit', stop);
      addEventListener('pagehide', stop);
      navigator.credentials.get({ otp: { transport: ['sms'] }, signal: wait.signal })
        .then(({ code }) => take(code))
        .catch(() => {});
    }
  }

  all('[data-tools]').forEach((bar) => {
    const text = () => bar.dataset.head + '\\n\\n' + all('.codes code').map((each) => each.textContent).join('\\n') + '\\n';
    const done = (button) => {
      const words = button.textContent;
      if (words === button.dataset.done) return;
      tell(button.textContent = button.dataset.done);
      setTimeout(() => { button.textContent = words; }, 4000);
    };
    const byHand = (button) => {
      getSelection().selectAllChildren(document.querySelector('.codes'));
      if (document.execCommand('copy')) done(button);
    };
    const tools = {
      print: () => print(),
      copy: (button) => navigator.clipboard
        ? navigator.clipboard.writeText(text()).then(() => done(button), () => byHand(button))
        : byHand(button),
      save: (button) => {
        const link = document.createElement('a');
        link.href = URL.createObjectURL(new Blob([text()], { type: 'text/plain' }));
        link.download = bar.dataset.file;
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 60000);
        done(button);
      },
    };
    bar.hidden = false;
    all('.file').forEach((link) => { link.hidden = true; });
    bar.addEventListener('click', ({ target }) => {
      const button = target.closest('[data-tool]');
      if (button) tools[button.dataset.tool](button);
    });
  });

  const first = document.querySelector('form[data-submit-at-once]');
  if (!first) return;
  const submit = () => { if (!loaded || loaded.type !== 'back_forward') post(first); };
  if (document.prerendering) document.addEventListener('prerenderingchange', submit, { once: true });
  else submit();
})();
`.replace(/^ +/gm, ''); // not sent: it is a seventh of all
