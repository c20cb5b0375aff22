import type { SigningKeys } from './signing-keys.ts'

/**
 * `/.well-known/openid-configuration`: lets others check the tokens of our service accounts (Kubernetes "Service account
 * issuer discovery"). `jwksUri` is where `keys.jwks` is served, as `application/jwk-set+json`: `/openid/v1/jwks`.
 */
export function accountIssuerMetadata(issuer: string, jwksUri: string, keys: SigningKeys) {
  return {
    issuer,
    jwks_uri: jwksUri,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [...new Set([...keys.verifying.values()].map(({ alg }) => alg))],
  }
}
