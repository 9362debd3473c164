import { html, type Html } from './html';

/** What every page knows. */
export interface Frame {
  appName: string;
  /** The address of an image that stands for the name. */
  logo?: string | undefined;
  /** Where a code may be typed, and nowhere else. */
  domain?: string | undefined;
  /** Where the router is mounted; all links and forms start there. */
  mountPath: string;
  /** Where the app's own pages begin. */
  homePath: string;
  /** Takes a POST that signs the user out; offered where it is known. */
  logoutPath?: string | undefined;
  /** The token of the app's own CSRF middleware, where it has one. */
  csrfToken?: string | undefined;
}

export function page(frame: Frame, title: string, body: Html): string {
  const { appName, logo, mountPath } = frame;
  const name = logo === undefined ? appName : html`<img src="${logo}" alt="${appName}" />`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · ${appName}</title>
        <link rel="stylesheet" href="${mountPath}/style.css" />
        <script src="${mountPath}/script.js" defer></script>
      </head>
      <body>
        <main>
          <p class="app">${name}</p>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html> `.text;
}

/** A way out for somebody who cannot go on, without the phone at hand. */
export function signOut(frame: Frame): Html {
  if (frame.logoutPath === undefined) return html``;
  return html`<form method="post" action="${frame.logoutPath}">
    ${csrfField(frame)}<button type="submit" class="quiet">Sign out</button>
  </form>`;
}

/** The app's CSRF token as a field, in every form that changes something. */
export function csrfField({ csrfToken }: Frame): Html {
  if (csrfToken === undefined) return html``;
  return html`<input type="hidden" name="_csrf" value="${csrfToken}" />`;
}
