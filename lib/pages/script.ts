/**
 * The pages' small script; they are complete without it. It asks for the first text by itself, by
 * sending the form that a person would send: not while the page is only being prerendered, and not
 * again when the browser shows the page from its history.
 */
export const SCRIPT = `'use strict';
(function () {
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
