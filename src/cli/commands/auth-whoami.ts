import type { Command } from '../command.ts'
import { objectOf, sortedEntries } from '../describe/kube-lines.ts'
import { visible } from '../io.ts'
import { createPrinter, type PrintedObject, printFlags } from '../print/printer.ts'
import { formatTabs, tableLayout } from '../print/tab-writer.ts'

/** `auth whoami`: all that the server knows about who is asking. */

interface Review extends PrintedObject {
  status?: { userInfo?: { username?: string; uid?: string; groups?: string[]; extra?: object } }
}

export const authWhoamiCommand: Command = {
  usage: '',
  long: 'Show who the server takes you for, with your groups.',
  flags: printFlags,
  run: async ({ session, flags, io }) => {
    const printer = await createPrinter(flags, { cwd: io.cwd, typed: true })
    const rest = await session.rest()
    const answer = await rest.json<Review>({
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      accept: 'application/json, */*',
      body: {
        kind: 'SelfSubjectReview',
        apiVersion: 'authentication.k8s.io/v1',
        metadata: {},
        status: { userInfo: {} },
      },
    })
    io.stdout.write(printer === undefined ? table(answer) : printer.print(answer, true))
  },
}

function table({ status }: Review): string {
  const { username = '', uid = '', groups = [], extra } = status?.userInfo ?? {}
  const rows = [
    `Username\t${username}\n`,
    uid === '' ? '' : `UID\t${uid}\n`,
    groups.length === 0 ? '' : `Groups\t[${groups.join(' ')}]\n`,
    ...sortedEntries(objectOf(extra)).map(([key, value]) => `Extra: ${key}\t[${[value].flat().join(' ')}]\n`),
  ]
  return formatTabs(visible(`ATTRIBUTE\tVALUE\n${rows.join('')}`), tableLayout)
}
