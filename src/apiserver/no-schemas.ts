import type { FastifyServerOptions } from 'fastify'

function unknownSchema(): never {
  throw new Error('routes have no schemas here: bodies are read by the kinds')
}

/** Without these Fastify loads compilers of JSON schemas at each start, for routes that have none. */
export const noSchemas: Pick<FastifyServerOptions, 'schemaController'> = {
  schemaController: {
    compilersFactory: { buildValidator: () => unknownSchema, buildSerializer: () => unknownSchema },
  },
}
