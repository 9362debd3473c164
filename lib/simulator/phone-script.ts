/**
 * The script of the phone page. Whenever the simulator says that something changed, it fetches the
 * page anew and takes over the parts marked as live. Lists are merged by the ids of their items, so
 * an answer that is being written stays; of a text that is there only what became of it changes.
 */
export const PHONE_SCRIPT = `'use strict';
(function () {
  var merge = function (shown, fetched) {
    Array.prototype.slice.call(shown.children).forEach(function (item) {
      if (!item.id || !fetched.querySelector('#' + CSS.escape(item.id))) item.remove();
    });
    var at = shown.firstElementChild;
    Array.prototype.slice.call(fetched.children).forEach(function (item) {
      if (at && at.id === item.id) at = at.nextElementSibling;
      else shown.insertBefore(document.importNode(item, true), at);
    });
  };
  var take = function (fetched) {
    document.querySelectorAll('[data-live]').forEach(function (shown) {
      var part = fetched.getElementById(shown.id);
      if (!part) return;
      if (shown.dataset.live === 'merge') merge(shown, part);
      else shown.replaceChildren.apply(shown, Array.prototype.slice.call(part.childNodes));
    });
    offerCopies();
  };
  var loading = false;
  var again = false;
  var update = function () {
    if (loading) { again = true; return; }
    loading = true;
    fetch(location.href, { headers: { accept: 'text/html' } })
      .then(function (answer) { return answer.ok ? answer.text() : Promise.reject(answer); })
      .then(function (text) { take(new DOMParser().parseFromString(text, 'text/html')); })
      .catch(function () {})
      .then(function () {
        loading = false;
        if (again) { again = false; update(); }
      });
  };
  var offerCopies = function () {
    if (!navigator.clipboard) return;
    document.querySelectorAll('[data-copy][hidden]').forEach(function (button) {
      button.hidden = false;
    });
  };
  document.addEventListener('click', function (event) {
    var button = event.target.closest('[data-copy]');
    if (!button) return;
    navigator.clipboard.writeText(button.dataset.copy).then(function () {
      button.textContent = 'Copied';
      setTimeout(function () { button.textContent = 'Copy'; }, 2000);
    });
  });
  offerCopies();
  var events = new EventSource('/phone/events');
  // Also after a break, as something may have come meanwhile.
  events.addEventListener('open', update);
  events.addEventListener('change', update);
})();
`;
