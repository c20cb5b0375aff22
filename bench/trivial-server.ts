/** The least that a Node server can do, as a process: fixed answers, bodies thrown away. Tells its port to its parent. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const small = Buffer.from('{}')
const large = Buffer.alloc(16 << 20)

const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    const body = request.url === '/large' ? large : small
    const location = request.method === 'POST' ? { Location: '/' } : {}
    const status = request.method === 'POST' ? 202 : request.method === 'PUT' ? 201 : 200
    response.writeHead(status, { 'Content-Length': body.length, ...location })
    response.end(body)
  })
})
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.on('disconnect', () => process.exit(0))
