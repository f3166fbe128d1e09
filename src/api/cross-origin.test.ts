import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { fastify } from 'fastify';
import { allowOrigins } from './cross-origin.ts';

test('in production no page of another origin may read our answers until it is named', async () => {
  const api = fastify().withTypeProvider<TypeBoxTypeProvider>();
  allowOrigins(api, { CORS_ORIGINS: '', ENVIRONMENT: 'production' });
  api.get('/', () => 'welcome');
  const { headers } = await api.inject({ url: '/', headers: { origin: 'https://a.example' } });
  assert.equal(headers['access-control-allow-origin'], undefined);
});

test('an answer that differs by its Accept header differs by its origin as well', async () => {
  const api = fastify().withTypeProvider<TypeBoxTypeProvider>();
  allowOrigins(api, { CORS_ORIGINS: 'https://a.example', ENVIRONMENT: 'production' });
  api.get('/', (_request, reply) => reply.header('vary', 'accept').send('welcome'));
  const { headers } = await api.inject({ url: '/' });
  assert.equal(headers.vary, 'accept, origin');
});
