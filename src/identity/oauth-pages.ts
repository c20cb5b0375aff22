/** The few web pages of the OAuth server: plain HTML that works without scripts. */

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] as string)
}

const style = `body{font-family:system-ui,sans-serif;max-width:28rem;margin:10vh auto;padding:0 1rem;color:#151515;background:#fff}
h1{font-size:1.5rem}label{display:block;margin:.75rem 0}input{display:block;width:100%;box-sizing:border-box;font:inherit;padding:.4rem}
button{font:inherit;padding:.5rem 1.25rem}code,pre{background:#f2f2f2;padding:.2rem;overflow-wrap:anywhere;white-space:pre-wrap}
.error{color:#a30000}@media(prefers-color-scheme:dark){body{color:#e0e0e0;background:#151515}code,pre{background:#333}.error{color:#ff8080}}`

function document(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)} · Weir</title><style>${style}</style></head>
<body><h1>${escapeHtml(title)}</h1>
${body}
</body></html>
`
}

const hidden = (name: string, value: string) =>
  `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`

export interface LoginPage {
  action: string
  csrf: string
  next: string
  userName: string
  error: string
  /** Other ways to log in. */
  links: readonly { address: string; name: string }[]
  hasPasswords: boolean
}

export function loginPage(login: LoginPage): string {
  const error = login.error === '' ? '' : `<p class="error" role="alert">${escapeHtml(login.error)}</p>`
  const form = `<form method="post" action="${escapeHtml(login.action)}">
${hidden('csrf', login.csrf)}${hidden('next', login.next)}
<label>User name<input name="username" autocomplete="username" autocapitalize="none" required autofocus value="${escapeHtml(login.userName)}"></label>
<label>Password<input name="password" type="password" autocomplete="current-password" required></label>
<button>Log in</button>
</form>`
  const links = login.links.map(
    ({ address, name }) => `<p><a href="${escapeHtml(address)}">Log in with ${escapeHtml(name)}</a></p>`,
  )
  return document('Log in', [error, login.hasPasswords ? form : '', ...links].join('\n'))
}

export function displayTokenFormPage(action: string, csrf: string, code: string): string {
  return document(
    'Display token',
    `<form method="post" action="${escapeHtml(action)}">${hidden('csrf', csrf)}${hidden('code', code)}
<p>The token will be shown once. Nobody else should see it.</p><button>Display token</button></form>`,
  )
}

export function tokenPage(token: string, apiServer: string): string {
  return document(
    'Your API token',
    `<p><code>${escapeHtml(token)}</code></p>
<p>Log in with it on the command line:</p>
<pre>oc login --token=${escapeHtml(token)} --server=${escapeHtml(apiServer)}</pre>
<p>As a password for the registry:</p>
<pre>podman login -u unused -p ${escapeHtml(token)} &lt;registry&gt;</pre>
<p><a href="/oauth/token/request">Request another token</a></p>`,
  )
}

export function messagePage(title: string, message: string): string {
  return document(title, `<p>${escapeHtml(message)}</p>`)
}
