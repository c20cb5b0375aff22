import { randomUUID } from 'node:crypto'
import { allKinds, imageStreamMappings, users } from '../api/index.ts'
import { createAccountEndpoints } from '../apiserver/account-endpoints.ts'
import { createFlatRbacEndpoints } from '../apiserver/flat-rbac-endpoints.ts'
import { createIdentityMappingEndpoint } from '../apiserver/identity-mapping-endpoint.ts'
import { guardMappings } from '../apiserver/mapping-guard.ts'
import { createOwnTokenEndpoint } from '../apiserver/own-token-endpoint.ts'
import { createProjectEndpoints } from '../apiserver/project-endpoints.ts'
import { createRbacEndpoints } from '../apiserver/rbac-endpoints.ts'
import { createReviewEndpoints } from '../apiserver/review-endpoints.ts'
import { createBuildCloneEndpoint, createBuildDetailsEndpoint } from '../controllers/build-clone.ts'
import { createBuildInstantiateEndpoint } from '../controllers/build-config-instantiate.ts'
import { createDeploymentInstantiateEndpoint } from '../controllers/deployment-config-instantiate.ts'
import { createDeploymentRollbackEndpoint } from '../controllers/deployment-config-rollback.ts'
import { reconcileNamespaceAccess, untilAllowed } from '../identity/index.ts'
import { createAdmittedEndpoints } from '../resources/admission/index.ts'
import { resourceAction } from '../resources/authorized.ts'
import type { Endpoint } from '../resources/endpoint.ts'
import { createImageEndpoints, type ImageEndpointDeps } from '../resources/image/index.ts'
import type { Resources } from '../resources/resources.ts'
import { createStoredEndpoint } from '../resources/stored-endpoint.ts'
import { audiences, type OpenIdentity } from './open-identity.ts'
import type { OpenImporter } from './open-importer.ts'

/** Milliseconds that a new role binding is waited for to be in force; the project is made all the same. */
const policyPatience = 5000

export interface EndpointParts {
  resources: Resources
  identity: OpenIdentity
  importer: OpenImporter
  imageDeps: ImageEndpointDeps
  triggerDeps: Parameters<typeof createAdmittedEndpoints>[0] &
    Parameters<typeof createDeploymentInstantiateEndpoint>[0] &
    Parameters<typeof createBuildInstantiateEndpoint>[0]
  /** What a user hears who may not request projects. */
  projectRequestMessage: string | undefined
  clock: () => Date
}

/** Every endpoint that is more than the generic path of a stored kind. */
export function createEndpoints(parts: EndpointParts): Endpoint[] {
  const { resources, importer, triggerDeps } = parts
  return [
    ...imageEndpoints(parts),
    importer.endpoint,
    ...createAdmittedEndpoints(triggerDeps),
    createDeploymentInstantiateEndpoint(triggerDeps),
    createDeploymentRollbackEndpoint(resources.system),
    createBuildInstantiateEndpoint(triggerDeps),
    createBuildCloneEndpoint(triggerDeps),
    createBuildDetailsEndpoint(triggerDeps),
    ...accessEndpoints(parts),
    ...accountEndpoints(parts),
    ...projectEndpoints(parts),
  ]
}

function imageEndpoints({ resources, imageDeps }: EndpointParts): Endpoint[] {
  const { authorize, settings } = imageDeps
  const guard = { client: resources.system, authorize, internalRegistry: settings.internalRegistry }
  return createImageEndpoints(imageDeps).map((endpoint) =>
    endpoint.kind === imageStreamMappings ? guardMappings(endpoint, guard) : endpoint,
  )
}

/** Roles, bindings and questions about rights. */
function accessEndpoints({ resources, identity, clock }: EndpointParts): Endpoint[] {
  const { authorize, policySource, tokens } = identity
  const policy = () => policySource.policy()
  return [
    ...createReviewEndpoints({ kinds: allKinds, authorize, policy, tokens: { tokens, audiences }, clock }),
    ...createRbacEndpoints({ ...resources.deps, policy }),
    ...createFlatRbacEndpoints({ clientFor: (subject) => resources.clientFor(subject, authorize) }),
  ]
}

/** Users and service accounts, and the tokens of both. */
function accountEndpoints({ resources, identity, clock }: EndpointParts): Endpoint[] {
  const client = resources.system
  return [
    createOwnTokenEndpoint(client),
    createIdentityMappingEndpoint(client),
    ...createAccountEndpoints(createStoredEndpoint(users, resources.deps), {
      client,
      keys: identity.keys,
      issuer: identity.issuer,
      audiences,
      now: clock,
      newId: randomUUID,
    }),
  ]
}

function projectEndpoints({ resources, identity, projectRequestMessage }: EndpointParts): Endpoint[] {
  const client = resources.system
  const { authorize, policySource } = identity
  return createProjectEndpoints({
    kinds: allKinds,
    client,
    authorize,
    requestMessage: projectRequestMessage,
    async prepare(namespace, requester) {
      await reconcileNamespaceAccess(client, namespace)
      const asked = { verb: 'get', group: '', resource: 'namespaces', namespace, name: namespace }
      const patience = AbortSignal.timeout(policyPatience)
      await untilAllowed(policySource, requester, resourceAction(asked), patience).catch(() => {})
    },
  })
}
