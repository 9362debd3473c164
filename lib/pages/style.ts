/** The colors of a page: each is a custom property, `--accent-text` for `accentText`. */
type Colors = Readonly<Record<string, string>>;

export interface Look {
  light: Colors;
  /** `undefined`: light everywhere. */
  dark: Colors | undefined;
  /** In pixels. */
  radius: number;
  font: string;
}

/** The pages' styles. All that a theme decides is a custom property of `:root`. */
export function styleOf({ light, dark, radius, font }: Look): string {
  const scheme = dark === undefined ? 'light' : 'light dark';
  const own = `color-scheme:${scheme};--radius:${radius}px;--font:${font};${properties(light)}`;
  const night =
    dark === undefined
      ? ''
      : `@media screen and (prefers-color-scheme:dark){:root{${properties(dark)}}}\n`;
  return `:root{${own}}\n${night}${STYLE}`;
}

function properties(colors: Colors): string {
  return Object.entries(colors)
    .map(
      ([name, color]) => `--${name.replace(/[A-Z]/g, (each) => `-${each.toLowerCase()}`)}:${color}`,
    )
    .join(';');
}

/**
 * One card on a quiet ground. Sides are logical, so that it is right from right to left; no width is
 * wider than its window, and what is not for the eye is `.unseen`.
 */
const STYLE = `*{box-sizing:border-box}
[hidden]{display:none!important}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--background);color:var(--text);font:1rem/1.5 var(--font);overflow-wrap:anywhere}
main{max-width:28rem;margin:clamp(1rem,9vh,6rem) auto 2rem;padding:2rem;background:var(--surface);border:1px solid var(--line);border-radius:calc(var(--radius)*2);box-shadow:0 1px 2px rgb(16 24 40/.05),0 12px 32px rgb(16 24 40/.07)}
h1{font-size:1.5rem;line-height:1.25;letter-spacing:-.01em;margin:0 0 1rem}
h2{font-size:1.125rem;line-height:1.3;margin:1.75rem 0 .5rem}
p{margin:0 0 1rem}
.app{margin:0 0 1.25rem;font-weight:600;color:var(--soft-text)}
.app img{display:block;height:2.25rem;max-width:100%;object-fit:contain;object-position:left}
[dir=rtl] .app img{object-position:right}
.phone,time,.clock{white-space:nowrap;font-variant-numeric:tabular-nums}
.hint{margin-block-end:.5rem;color:var(--soft-text);font-size:.9375rem}
input+.hint,input+.warning{margin-block-start:.75rem}
.warning{border:1px solid;border-inline-start-width:.3rem;border-color:var(--alert);border-radius:var(--radius);background:var(--alert-surface);padding:.75rem 1rem;margin:0 0 1.25rem;color:var(--text);font-size:1rem}
.warning strong{color:var(--alert)}
.warning p{margin:.25rem 0}
.notice{border:1px solid var(--line);border-inline-start:.3rem solid var(--accent);border-radius:var(--radius);padding:.75rem 1rem;margin:0 0 1.25rem}
label{display:block;font-weight:600;margin-block-end:.375rem}
input{width:100%;font:inherit;padding:.625rem .75rem;border:1px solid var(--soft-text);border-radius:var(--radius);background:transparent;color:inherit}
input[aria-invalid=true]{border:2px solid var(--alert)}
#code{width:auto;max-width:100%;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:1.5rem;line-height:1.3;letter-spacing:.3em;direction:ltr}
#recovery-code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;direction:ltr}
button{width:100%;min-height:2.9375rem;margin:.75rem 0 0;font:inherit;font-weight:600;padding:.625rem 1rem;border:1px solid var(--accent);border-radius:var(--radius);background:var(--accent);color:var(--accent-text);cursor:pointer}
button:hover{background:var(--accent);background:color-mix(in srgb,var(--accent) 88%,var(--text))}
button.quiet{background:transparent;color:var(--accent)}
button.quiet:hover{background:transparent;border-color:var(--text);color:var(--text)}
button[aria-disabled=true]{background:transparent;border-color:var(--line);color:var(--soft-text);cursor:default}
.clock{margin-inline-start:.5em;font-weight:400}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
button:first-child,input[type=hidden]+button{margin-block-start:0}
form{margin:0 0 1.25rem}
details{margin:0 0 .25rem;border-block-start:1px solid var(--line)}
details form{margin-block-end:1.25rem}
summary{padding:.75rem 0;cursor:pointer;color:var(--accent);font-weight:600;border-radius:var(--radius)}
details.hint{border:0}
details.hint summary{padding:.25rem 0;font-weight:400}
a{color:var(--accent)}
p>a:only-child{display:inline-block;padding:.25rem 0}
.tick{display:flex;gap:.625rem;align-items:flex-start;font-weight:400;margin:1rem 0 0}
.tick input{flex:none;width:1.25rem;height:1.25rem;margin:.125rem 0 0;accent-color:var(--accent)}
dl{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,2fr);gap:.5rem 1rem;margin:0 0 1.25rem;padding:1rem;border:1px solid var(--line);border-radius:var(--radius)}
dl.stacked{grid-template-columns:minmax(0,1fr);gap:.25rem;margin-block-end:.75rem}
dl.stacked+.hint{margin-block-end:1rem}
dt,dd{unicode-bidi:plaintext}
dt{color:var(--soft-text)}
dd{margin:0;font-weight:600}
.codes{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,14rem),1fr));gap:.25rem 1.5rem;margin:0 0 1rem;padding-block:1rem;padding-inline:2.75rem 1rem;border:1px solid var(--line);border-radius:var(--radius)}
.codes li::marker{color:var(--soft-text);font-size:.875rem}
.codes code{direction:ltr;font:1.0625rem/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.tools{display:flex;flex-wrap:wrap;gap:.75rem}
.tools button{flex:1 1 6rem;width:auto;margin:0;padding-inline:.5rem}
.devices{list-style:none;margin:0;padding:0}
.devices li{padding:.75rem 0;border-block-start:1px solid var(--line)}
.devices form{margin:0}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap;margin:0}
@media (max-width:30rem){body{background:var(--surface)}main{margin:0;padding:1.5rem 1.25rem;border:0;border-radius:0;box-shadow:none}}
@media (forced-colors:active){button{border-width:2px}button[aria-disabled=true]{border-color:GrayText;color:GrayText}.warning{border-color:CanvasText}}
@media print{body{background:none}main{max-width:none;margin:0;padding:0;border:0;box-shadow:none}form,.tools,button,summary,p:has(>a:only-child){display:none}.codes{break-inside:avoid}}
`;
