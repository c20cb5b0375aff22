/** One media type or range with its parameters (RFC 9110 §8.3.1, §12.5.1). */
export interface MediaType {
  /** Lower-case `type/subtype`; `*` is possible in an Accept header. */
  type: string
  parameters: ReadonlyMap<string, string>
  quality: number
}

/** Splits at the separator outside of quoted strings. */
function splitUnquoted(text: string, separator: ',' | ';'): string[] {
  const parts: string[] = []
  let from = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    if (quoted && text[i] === '\\') i++
    else if (text[i] === '"') quoted = !quoted
    else if (!quoted && text[i] === separator) {
      parts.push(text.slice(from, i))
      from = i + 1
    }
  }
  return [...parts, text.slice(from)]
}

function unquote(text: string): string {
  return text.startsWith('"') ? text.replace(/^"|"$/g, '').replace(/\\(.)/g, '$1') : text
}

/** undefined for what is no media type. */
export function parseMediaType(text: string): MediaType | undefined {
  const [type = '', ...rest] = splitUnquoted(text, ';').map((part) => part.trim())
  if (!/^[^\s/]+\/[^\s/]+$/.test(type) && type !== '*') return undefined
  const parameters = new Map<string, string>()
  for (const part of rest) {
    const at = part.indexOf('=')
    if (at > 0) parameters.set(part.slice(0, at).trim().toLowerCase(), unquote(part.slice(at + 1).trim()))
  }
  const quality = Number(parameters.get('q') ?? '1')
  return {
    type: type === '*' ? '*/*' : type.toLowerCase(),
    parameters,
    quality: Number.isFinite(quality) ? Math.min(1, Math.max(0, quality)) : 1,
  }
}

/** Best first: by quality, then the more specific, then as they came. What is refused (`q=0`) is left out. */
export function parseAccept(header: string): MediaType[] {
  const specificity = ({ type }: MediaType) => (type === '*/*' ? 0 : type.endsWith('/*') ? 1 : 2)
  return splitUnquoted(header, ',')
    .map((part) => parseMediaType(part.trim()))
    .filter((media) => media !== undefined)
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality || specificity(b) - specificity(a))
}
