import { PROPERTIES, THEME } from './theme';

/**
 * The bank's one style sheet. Its first half is the frame, which stands around the second factor's pages,
 * too; the rest is for the bank's own pages (`.own`), so that the library's keep the library's styles.
 * System fonts, light and dark, nothing from elsewhere.
 */
export const STYLES = `
:root { color-scheme: light dark; --radius: ${THEME.radius}px; ${PROPERTIES.day} }
@media screen and (prefers-color-scheme: dark) { :root { ${PROPERTIES.night} } }
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: grid; grid-template: auto 1fr auto / minmax(0, 1fr);
  background: var(--background); color: var(--text); font: 1rem/1.5 ${THEME.font};
  overflow-wrap: anywhere;
}
a { color: var(--accent); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.top { background: var(--surface); border-bottom: 1px solid var(--line); }
.top > div {
  display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: center;
  justify-content: space-between; max-width: 60rem; margin: 0 auto; padding: .5rem 1.25rem;
}
.brand {
  display: inline-flex; gap: .6rem; align-items: center; min-height: 2.75rem; font-size: 1.125rem;
  font-weight: 700; letter-spacing: -.01em; text-decoration: none; color: var(--text);
}
.brand svg { width: 1.75rem; height: 1.75rem; fill: var(--accent); }
.top nav { display: flex; flex-wrap: wrap; gap: 0 1.25rem; align-items: center; }
.top nav a { padding: .6rem 0; text-decoration: none; font-weight: 600; }
.top nav a:hover { text-decoration: underline; }
.top form { margin: 0; }
.top nav button {
  width: auto; min-height: 2.25rem; margin: 0; padding: .25rem .9rem; color: var(--accent);
  background: none; border: 1px solid var(--line); border-radius: var(--radius); font: inherit;
  font-weight: 600; cursor: pointer;
}
.top nav button:hover { color: var(--text); border-color: var(--text); }
main { width: 100%; align-self: start; margin-block: clamp(1.5rem, 6vh, 4rem) 2.5rem; }
.foot { padding: 1.25rem; text-align: center; color: var(--soft-text); font-size: .875rem; }
.foot a { color: inherit; display: inline-block; padding: .4rem .5rem; }
.foot p { margin: 0; }
.own main { max-width: 60rem; margin-inline: auto; padding: 0 1.25rem; }
.own.narrow main {
  max-width: 28rem; padding: 2rem; background: var(--surface); border: 1px solid var(--line);
  border-radius: calc(var(--radius) * 2);
  box-shadow: 0 1px 2px rgb(16 24 40 / .05), 0 12px 32px rgb(16 24 40 / .07);
}
.own.narrow.prose main { max-width: 42rem; }
@media (max-width: 30rem) {
  .narrow, .factor { background: var(--surface); }
  .top nav:has(a) { width: 100%; }
  .top nav form { margin-inline-start: auto; }
  main { margin-block: 0; }
  .own main, .own.narrow main { padding: 1.5rem 1.25rem; }
  .own.narrow main { border: 0; border-radius: 0; box-shadow: none; }
}
.own h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; letter-spacing: -.01em; }
.own h2 { font-size: 1.125rem; line-height: 1.3; margin: 0 0 .75rem; }
.prose h2 { margin: 1.75rem 0 .5rem; }
.own main p { margin: 0 0 1rem; }
.own main > :last-child, .own main .card > :last-child { margin-bottom: 0; }
.own.home h1 { font-size: clamp(1.75rem, 5vw, 2.5rem); line-height: 1.15; }
.lead { font-size: 1.125rem; max-width: 40rem; }
.hint { color: var(--soft-text); font-size: .9375rem; }
.own main input + .hint { margin: .375rem 0 0; }
.card {
  background: var(--surface); border: 1px solid var(--line); border-radius: calc(var(--radius) * 1.5);
  padding: 1.25rem;
}
.own main form { margin: 0 0 1.25rem; }
.own label { display: block; font-weight: 600; margin: 1rem 0 .375rem; }
.own form > label:first-child, .own input[type=hidden] + label { margin-top: 0; }
.own input {
  width: 100%; padding: .625rem .75rem; font: inherit; color: inherit; background: transparent;
  border: 1px solid var(--soft-text); border-radius: var(--radius);
}
.own .tick { display: flex; gap: .625rem; align-items: flex-start; font-weight: 400; margin-bottom: 0; }
.own .tick input { flex: none; width: 1.25rem; height: 1.25rem; margin: .125rem 0 0; accent-color: var(--accent); }
.own main button, .button {
  display: inline-block; min-height: 2.9375rem; padding: .625rem 1.25rem; font: inherit;
  font-weight: 600; text-align: center; text-decoration: none; cursor: pointer;
  color: var(--accent-text); background: var(--accent); border: 1px solid var(--accent);
  border-radius: var(--radius);
}
.own main button { width: 100%; margin: 1.25rem 0 0; }
.own main button:hover, .button:hover { background: color-mix(in srgb, var(--accent) 88%, var(--text)); }
.actions { display: flex; flex-wrap: wrap; gap: .75rem 1.25rem; align-items: center; }
.own main .notice, .own main .problem {
  padding: .75rem 1rem; border: 1px solid; border-inline-start-width: .3rem; margin: 0 0 1.25rem;
  border-radius: var(--radius);
}
.notice { background: var(--good-surface); color: var(--good); }
.notice a { color: inherit; }
.problem { background: var(--alert-surface); color: var(--alert); }
.demo { margin-top: 1.5rem; padding-top: 1.25rem; border-top: 1px solid var(--line); font-size: .9375rem; }
.demo p:last-child { margin: 0; }
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .95em; }
.own main .balance { margin: 0 0 1.5rem; }
.balance span { display: block; color: var(--soft-text); }
.balance strong { font-size: 2.5rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.columns { display: grid; gap: 1.25rem; align-items: start; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); }
table { width: 100%; border-collapse: collapse; }
td { padding: .6rem 0; border-top: 1px solid var(--line); vertical-align: top; }
tr:last-child td { padding-bottom: 0; }
tr:first-child td { border-top: 0; padding-top: 0; }
td time { display: block; color: var(--soft-text); font-size: .875rem; }
.amount { text-align: right; padding-left: 1rem; white-space: nowrap; font-variant-numeric: tabular-nums; }
.in { color: var(--good); font-weight: 600; }
.settings { margin: 0; }
.settings div { padding: 1rem 0; border-top: 1px solid var(--line); }
.settings dt { font-weight: 600; }
.settings dd { margin: 0; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media print { .top, .foot { display: none; } }
`;
