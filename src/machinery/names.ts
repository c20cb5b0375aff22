/** Rules for names with the messages of `k8s.io/apimachinery/pkg/util/validation`: each gives what is wrong, [] if nothing. */

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomain = `${label}(\\.${label})*`
const qualified = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const labelValue = `(${qualified})?`
const dns1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'

const qualifiedText =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"

interface Rule {
  form: RegExp
  maxBytes: number
  message: string
}

/** Two blanks before each further example: so prints Kubernetes. */
function ruleMessage(text: string, form: string, examples: readonly string[]): string {
  const list = examples.map((example) => `'${example}', `).join(' or ')
  return `${text} (e.g. ${list}regex used for validation is '${form}')`
}

function rule(form: string, maxBytes: number, text: string, examples: readonly string[]): Rule {
  return { form: new RegExp(`^${form}$`), maxBytes, message: ruleMessage(text, form, examples) }
}

const labelRule = rule(
  label,
  63,
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  ['my-name', '123-abc'],
)
const subdomainRule = rule(
  subdomain,
  253,
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  ['example.com'],
)
const dns1035Rule = rule(
  dns1035,
  63,
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  ['my-name', 'abc-123'],
)
const labelValueRule = rule(
  labelValue,
  63,
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  ['MyValue', 'my_value', '12345'],
)
const qualifiedRule = rule(qualified, 63, qualifiedText, ['MyName', 'my.name', '123-abc'])

export function byteLength(text: string): number {
  let length = 0
  for (const c of text) {
    const code = c.codePointAt(0) as number
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return length
}

export function maxLengthMessage(bytes: number): string {
  return `must be no more than ${bytes} bytes`
}

function problems(text: string, { form, maxBytes, message }: Rule): string[] {
  return [
    ...(byteLength(text) > maxBytes ? [maxLengthMessage(maxBytes)] : []),
    ...(form.test(text) ? [] : [message]),
  ]
}

export function dns1123LabelProblems(name: string): string[] {
  return problems(name, labelRule)
}

export function dns1123SubdomainProblems(name: string): string[] {
  return problems(name, subdomainRule)
}

export function dns1035LabelProblems(name: string): string[] {
  return problems(name, dns1035Rule)
}

export function labelValueProblems(value: string): string[] {
  return problems(value, labelValueRule)
}

/** `[prefix/]name`: keys of labels and annotations, finalizers. */
export function qualifiedNameProblems(text: string): string[] {
  const parts = text.split('/')
  if (parts.length > 2) {
    return [
      `a qualified name ${qualifiedRule.message} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  }
  const name = parts.at(-1) as string
  const prefix = parts.length === 2 ? (parts[0] as string) : undefined
  const prefixProblems =
    prefix === undefined
      ? []
      : prefix === ''
        ? ['prefix part must be non-empty']
        : dns1123SubdomainProblems(prefix).map((problem) => `prefix part ${problem}`)
  const nameProblems = [
    ...(name === '' ? ['name part must be non-empty'] : []),
    ...problems(name, qualifiedRule).map((problem) => `name part ${problem}`),
  ]
  return [...prefixProblems, ...nameProblems]
}

export const labelKeyProblems = qualifiedNameProblems

/** What can't be one segment of a URL's path; `isPrefix` spares `.` and `..`, which more characters will follow. */
export function pathSegmentProblems(name: string, isPrefix = false): string[] {
  if (!isPrefix && (name === '.' || name === '..')) return [`may not be '${name}'`]
  return ['/', '%'].filter((c) => name.includes(c)).map((c) => `may not contain '${c}'`)
}

/** The rule for most kinds' names. Of a prefix a last `-` doesn't count. */
export function nameIsDnsSubdomain(name: string, isPrefix: boolean): string[] {
  return dns1123SubdomainProblems(isPrefix ? maskTrailingDash(name) : name)
}

/** The rule for namespaces and services' kin. */
export function nameIsDnsLabel(name: string, isPrefix: boolean): string[] {
  return dns1123LabelProblems(isPrefix ? maskTrailingDash(name) : name)
}

function maskTrailingDash(name: string): string {
  return name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name
}

const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789'
const suffixLength = 5
const maxPrefixLength = 63 - suffixLength

/** `<prefix><5 characters>`, at most 63 characters long; `random` gives numbers in [0, 1). */
export function generateName(prefix: string, random: () => number): string {
  const suffix = Array.from({ length: suffixLength }, () => {
    return suffixAlphabet[Math.floor(random() * suffixAlphabet.length)]
  })
  return `${prefix.slice(0, maxPrefixLength)}${suffix.join('')}`
}
