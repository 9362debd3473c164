/** The bank's one style sheet: system fonts, light and dark, no image, nothing from elsewhere. */
export const STYLES = `
:root {
  color-scheme: light dark;
  --paper: #f6f5f1; --card: #fff; --ink: #1f2a2e; --soft: #59676c; --line: #d9dcd6;
  --accent: #1d5c63; --on-accent: #fff; --good: #e2f0e6; --good-ink: #1c5632;
  --bad: #fae5e1; --bad-ink: #8a2315;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14191b; --card: #1d2427; --ink: #e6eae8; --soft: #a2b0b3; --line: #354044;
    --accent: #7cc4c9; --on-accent: #0e2326; --good: #17382a; --good-ink: #b5e3c5;
    --bad: #43211c; --bad-ink: #f5c1b8;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: flex; flex-direction: column;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif;
}
a { color: var(--accent); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
main { width: 100%; max-width: 56rem; margin: 0 auto; padding: 1rem 1.25rem 3rem; flex: 1; }
footer { padding: 1.5rem; text-align: center; color: var(--soft); font-size: .875rem; }
.top {
  display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center;
  justify-content: space-between; padding: .9rem 1.25rem; border-bottom: 1px solid var(--line);
}
.brand { font-weight: 700; font-size: 1.1rem; text-decoration: none; color: var(--ink); }
nav { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; align-items: center; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 1.5rem 0 1rem; letter-spacing: -.01em; }
h2 { font-size: 1.1rem; margin: 0 0 .75rem; }
.lead { font-size: 1.15rem; max-width: 38rem; }
.hint, .who { color: var(--soft); font-size: .875rem; }
.hint { margin: .35rem 0 0; }
.card {
  background: var(--card); border: 1px solid var(--line); border-radius: 12px;
  padding: 1.25rem; max-width: 26rem;
}
label { display: block; font-weight: 600; margin-top: 1rem; }
label:first-child { margin-top: 0; }
input {
  width: 100%; margin-top: .3rem; padding: .6rem .7rem; font: inherit; color: inherit;
  background: var(--paper); border: 1px solid var(--soft); border-radius: 8px;
}
.check { font-weight: 400; }
.check input { width: auto; margin: 0 .4rem 0 0; }
button, .button {
  display: inline-block; padding: .6rem 1.2rem; min-height: 2.75rem; font: inherit;
  font-weight: 600; color: var(--on-accent); background: var(--accent);
  border: 1px solid var(--accent); border-radius: 8px; cursor: pointer; text-decoration: none;
}
.card button { margin-top: 1.25rem; width: 100%; }
button:hover, .button:hover { filter: brightness(1.08); }
.quiet { color: var(--accent); background: none; border-color: var(--line); padding: .3rem .8rem; min-height: 2.25rem; }
.actions { display: flex; flex-wrap: wrap; gap: 1.25rem; align-items: center; }
.notice, .problem { padding: .7rem 1rem; border-radius: 8px; max-width: 38rem; }
.notice { background: var(--good); color: var(--good-ink); }
.problem { background: var(--bad); color: var(--bad-ink); }
.demo { margin-top: 1.5rem; padding: .2rem 1.25rem; border-left: 4px solid var(--accent); max-width: 38rem; }
code { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .95em; }
.balance span { display: block; color: var(--soft); }
.balance strong { font-size: 2.5rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.columns { display: grid; gap: 2rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); }
table { width: 100%; border-collapse: collapse; font-size: .95rem; }
th, td { text-align: left; padding: .5rem .75rem .5rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; }
td, th { vertical-align: top; }
.amount { text-align: right; padding-right: 0; white-space: nowrap; font-variant-numeric: tabular-nums; }
.in { color: var(--good-ink); font-weight: 600; }
`;
