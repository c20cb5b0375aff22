/** Version of the client, as it calls itself in `User-Agent` and `version --client`. */
export const clientVersion = '0.1.0'

export function userAgent(program: string): string {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch
  return `${program}/v${clientVersion} (${process.platform}/${arch}) weir`
}
