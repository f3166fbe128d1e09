import { type Static, Type } from 'typebox';
import type { ApiKeyRow } from '../users/api-keys-store.ts';
import { scopes } from '../users/scopes.ts';
import { nullable } from './schemas.ts';

export const ApiKeySchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  name: Type.String(),
  prefix: Type.String({ description: 'How the key begins.' }),
  scopes: Type.Array(Type.Enum([...scopes])),
  status: Type.Enum(['active', 'expired', 'revoked']),
  created_at: Type.String({ format: 'date-time' }),
  expires_at: nullable<string>('string', { format: 'date-time' }),
  revoked_at: nullable<string>('string', { format: 'date-time' }),
  last_used_at: nullable<string>('string', {
    format: 'date-time',
    description: 'Within a minute or so.',
  }),
  rotated_to: nullable<string>('string', { format: 'uuid' }),
});

export const FreshApiKeySchema = Type.Object({
  ...ApiKeySchema.properties,
  key: Type.String({ description: 'The key itself, told this once.' }),
});

export const ScopesSchema = Type.Array(Type.Enum([...scopes]), {
  minItems: 1,
  maxItems: 5,
  uniqueItems: true,
});

/** Null: never. */
export const ExpirySchema = nullable<string>('string', { format: 'date-time', maxLength: 40 });

export function apiKeyBody(key: ApiKeyRow): Static<typeof ApiKeySchema> {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    scopes: [...key.scopes],
    status: key.status,
    created_at: key.created_at.toISOString(),
    expires_at: key.expires_at?.toISOString() ?? null,
    revoked_at: key.revoked_at?.toISOString() ?? null,
    last_used_at: key.last_used_at?.toISOString() ?? null,
    rotated_to: key.rotated_to,
  };
}
