import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type ExecOptions, runExecPlugin } from './exec-plugin.ts'
import type { ExecPlugin } from './kubeconfig.ts'

const options: ExecOptions = {
  env: { PATH: process.env.PATH },
  cluster: { server: 'https://h:1', ca: 'PEM', insecure: false },
  isTty: false,
}
const shell = (text: string, more: Partial<ExecPlugin> = {}): ExecPlugin => ({
  command: 'sh',
  args: ['-c', text],
  ...more,
})
const saying = (status: object) => shell(`echo '${JSON.stringify({ kind: 'ExecCredential', status })}'`)
const refused = (message: string | RegExp) => (error: Error) => {
  assert.match(error.message, message instanceof RegExp ? message : new RegExp(`: ${message}$`))
  return true
}

it('takes a token, or a certificate and its key', async () => {
  assert.deepEqual(await runExecPlugin(saying({ token: 't' }), options), { token: 't' })
  assert.deepEqual(await runExecPlugin(saying({ clientCertificateData: 'C', clientKeyData: 'K' }), options), {
    cert: 'C',
    key: 'K',
  })
})

it('tells the plugin where it logs in to when it asks for that', async () => {
  const echo = `printf '{"status":{"token":"%s"}}' "$(printf %s "$KUBERNETES_EXEC_INFO" | base64 -w0)"`
  const told = async (plugin: ExecPlugin) =>
    JSON.parse(Buffer.from((await runExecPlugin(plugin, options)).token ?? '', 'base64').toString()) as object
  assert.deepEqual(await told(shell(echo)), {
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: { interactive: false },
  })
  assert.deepEqual(await told(shell(echo, { provideClusterInfo: true, apiVersion: 'x/v1beta1' })), {
    apiVersion: 'x/v1beta1',
    kind: 'ExecCredential',
    spec: {
      cluster: { server: 'https://h:1', 'certificate-authority-data': 'UEVN' },
      interactive: false,
    },
  })
})

it('says in one line what is wrong with a plugin', async () => {
  const prefix = 'Unable to connect to the server: getting credentials'
  await assert.rejects(runExecPlugin({ command: '/no/such/thing' }, options), (error: Error) => {
    assert.equal(error.message, `${prefix}: exec: executable /no/such/thing not found`)
    return true
  })
  await assert.rejects(
    runExecPlugin(shell('exit 3', { installHint: 'get it' }), options),
    refused(/exec: executable sh failed with exit code 3\n\nget it$/),
  )
  await assert.rejects(runExecPlugin(saying({}), options), refused(/did not return a token or cert/))
  await assert.rejects(
    runExecPlugin(saying({ clientKeyData: 'K', token: 't' }), options),
    refused('exec plugin returned only certificate or key, not both'),
  )
  await assert.rejects(runExecPlugin(shell('echo no'), options), refused(/decoding stdout: /))
  await assert.rejects(
    runExecPlugin({ ...saying({ token: 't' }), interactiveMode: 'Always' }, options),
    refused(/standard input is not a terminal$/),
  )
})
