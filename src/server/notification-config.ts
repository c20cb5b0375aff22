import Type, { type Static } from 'typebox'
import { addressesSchema, addressProblem } from '../importer/index.ts'
import { type AddressPolicy, defaultAddressPolicy } from '../upstream/index.ts'

/** The part of the configuration about webhooks: where people may have notices sent. */

export const notificationSchema = Type.Object(
  { addresses: Type.Optional(addressesSchema), allowHttp: Type.Optional(Type.Boolean()) },
  { additionalProperties: false },
)

export interface NotificationSettings {
  addresses: AddressPolicy
  allowHttp: boolean
}

/** Or what is wrong, in one line that names the key. Targets are public unless said otherwise: whoever names one may be anybody. */
export function readNotificationSettings(
  file: Static<typeof notificationSchema> = {},
): NotificationSettings | string {
  const addresses = { ...defaultAddressPolicy, innermost: 'public' as const, ...file.addresses }
  return (
    addressProblem('notifications.addresses', addresses) ?? { addresses, allowHttp: file.allowHttp ?? false }
  )
}
