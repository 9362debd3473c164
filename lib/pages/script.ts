/**
 * The pages' small script; they are complete without it. It says how far the text got, takes a
 * double click on a kept form, or on one that has no fields or sends a text, for one, and asks for the first text by itself, by sending the form that a
 * person would send: not while the page is only being prerendered, and not again when the browser
 * shows the page from its history.
 */
export const SCRIPT = `'use strict';
(function () {
  var line = document.querySelector('[data-delivery]');
  var looks = 0;
  var look = function () {
    if (++looks > 20 || document.hidden) return;
    fetch(line.dataset.delivery, { headers: { accept: 'application/json' } })
      .then(function (answer) { return answer.ok ? answer.json() : {}; })
      .then(function (challenge) {
        var words = line.dataset[challenge.delivery];
        if (words) line.textContent = words;
        else setTimeout(look, 5000);
      })
      .catch(function () {});
  };
  if (line && !line.textContent.trim()) setTimeout(look, 5000);

  document.querySelectorAll('form[data-once]').forEach(function (once) {
    var sent = -Infinity;
    once.addEventListener('submit', function (event) {
      if (event.timeStamp - sent < 5000) event.preventDefault();
      else sent = event.timeStamp;
    });
  });
  if (document.querySelector('form[data-once=kept]')) {
    addEventListener('pageshow', function (event) {
      if (event.persisted) location.reload();
    });
  }

  var form = document.querySelector('form[data-submit-at-once]');
  if (!form) return;
  var submit = function () {
    var entry = performance.getEntriesByType('navigation')[0];
    if (entry && entry.type === 'back_forward') return;
    form.requestSubmit ? form.requestSubmit() : form.submit();
  };
  if (document.prerendering) document.addEventListener('prerenderingchange', submit, { once: true });
  else submit();
})();
`;
