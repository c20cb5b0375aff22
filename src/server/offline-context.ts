/** What commands that work on a data directory are given of the command line (cli/command.ts). */
export interface OfflineContext {
  io: {
    env: Readonly<Record<string, string | undefined>>
    stdout: { write(text: string): void }
    stderr: { write(text: string): void }
    signal: AbortSignal
  }
  flags: {
    string(name: string): string
    bool(name: string): boolean
    int(name: string): number
    changed(name: string): boolean
  }
}

export const offlineFlags = [
  { kind: 'string', name: 'data-dir', help: 'Where everything is kept; the server on it must be stopped.' },
] as const
