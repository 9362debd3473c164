/** Keeps the balance on the account page up to date. Without it, the page shows what it was. */
export const LIVE_SCRIPT = `'use strict';
(() => {
  const balance = document.getElementById('balance');
  const dollars = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });
  let misses = 0;
  function open() {
    const socket = new WebSocket(location.origin.replace(/^http/, 'ws') + '/live');
    socket.onmessage = ({ data }) => {
      misses = 0;
      balance.textContent = dollars.format(Number(JSON.parse(data).balance));
    };
    // A socket ends when the session is no longer verified; then it is refused until a code came.
    socket.onclose = () => {
      misses += 1;
      if (misses <= 5) setTimeout(open, 1000 * 2 ** misses);
    };
  }
  open();
})();
`;
