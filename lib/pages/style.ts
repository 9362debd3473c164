/** The pages' styles: system fonts and colors, light and dark, readable at any size. */
export const STYLE = `:root{color-scheme:light dark;--ink:#1b2430;--soft:#5b6675;--line:#c6ccd4;--paper:#fff;--back:#f3f5f8;--main:#0b57d0;--warn:#8c1d18;--warn-back:#fdeceb}
@media (prefers-color-scheme:dark){:root{--ink:#e7ebf0;--soft:#a5b0bd;--line:#465060;--paper:#1a2029;--back:#10141a;--main:#8ab4f8;--warn:#f6b3ae;--warn-back:#3a1d1b}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
main{max-width:26rem;margin:8vh auto;padding:2rem;background:var(--paper);border:1px solid var(--line);border-radius:.75rem}
h1{font-size:1.5rem;line-height:1.2;margin:.25rem 0 1rem}
h2{font-size:1.1rem}
.app{margin:0;color:var(--soft)}
.phone{white-space:nowrap;font-variant-numeric:tabular-nums}
.hint{color:var(--soft);font-size:.9rem}
.warning{border-left:.3rem solid var(--warn);background:var(--warn-back);padding:.5rem .75rem;margin:0 0 1rem}
.warning p{margin:.25rem 0}
label{display:block;font-weight:600;margin-bottom:.25rem}
input{width:100%;font:inherit;padding:.6rem .75rem;border:1px solid var(--soft);border-radius:.4rem;background:transparent;color:inherit}
#code{font-size:1.4rem;letter-spacing:.15em;font-variant-numeric:tabular-nums}
button{width:100%;margin:.75rem 0;font:inherit;font-weight:600;padding:.65rem;border:1px solid var(--main);border-radius:.4rem;background:var(--main);color:var(--paper);cursor:pointer}
button.quiet{background:transparent;color:var(--main)}
:focus-visible{outline:3px solid var(--main);outline-offset:2px}
details{margin:1rem 0}
summary{cursor:pointer;color:var(--main)}
a{color:var(--main)}
.tick{font-weight:400;margin:.75rem 0 0}
.tick input{width:auto;margin-right:.4rem}
.codes{padding-left:2.2rem}
.codes code{font-size:.95rem;white-space:nowrap}
dt,dd{unicode-bidi:plaintext}
.devices{padding-left:1.1rem}
@media (max-width:30rem){main{margin:0;border:0;border-radius:0;min-height:100vh}}
`;
