import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { atomic, goBool, list, mergeBy, omit, pointer, type Static } from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { tokenRequestSchema } from '../authentication/token-request.ts'
import { ageColumn, textColumn } from '../common/columns.ts'
import { localObjectReferenceSchema, objectReferenceSchema } from './object-reference.ts'

export const serviceAccountSchema = objectSchema(
  'ServiceAccount',
  {
    automountServiceAccountToken: pointer(
      goBool({ description: 'Whether pods of the account get a token.' }),
    ),
    imagePullSecrets: omit(
      list(localObjectReferenceSchema, {
        ...atomic,
        description: 'Secrets that pods of the account pull images with.',
      }),
    ),
    secrets: omit(
      list(objectReferenceSchema, {
        ...mergeBy('name'),
        description: 'Secrets that pods of the account may mount.',
      }),
    ),
  },
  { schemaName: 'io.k8s.api.core.v1.ServiceAccount', description: 'An identity for what runs in pods.' },
)
export type ServiceAccount = Static<typeof serviceAccountSchema>

export const serviceAccounts = defineKind<ServiceAccount>({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  shortNames: ['sa'],
  namespaced: true,
  storageVersionHash: 'pbx9ZvyFpBE=',
  subresources: [
    {
      name: 'token',
      group: 'authentication.k8s.io',
      version: 'v1',
      kind: 'TokenRequest',
      verbs: ['create'],
      schema: tokenRequestSchema,
    },
  ],
  schema: serviceAccountSchema,
  schemaName: 'io.k8s.api.core.v1.ServiceAccount',
  columns: [
    nameColumn,
    textColumn('Secrets', 'How many secrets the account lists.', (account) =>
      String(account.secrets?.length ?? 0),
    ),
    ageColumn(),
  ],
})
