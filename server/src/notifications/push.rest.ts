import { Type } from 'typebox';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { freeObject, strict } from '../rest/schemas.ts';
import { pushContent, testPush } from './push-content.ts';
import { VENDOR_GATEWAY } from './push-gateway.ts';
import { registerPushToken, unregisterPushToken } from './push-tokens.ts';

/** Devices that want push messages (spec 23, "Push"). */

const PUSHED =
  'Pushed through a gateway of the workspace’s own (`Push_gateway`): not straight to Apple and Google, and not through the gateway of the vendor. In rooms with more members than `Notifications_Max_Room_Members` an own wish for all messages does not count.';

const anything = Type.Optional(Type.Unsafe<unknown>({}));

export const pushEndpoints: Endpoint[] = [
  endpoint({
    method: 'POST',
    path: 'push.token',
    summary: 'Registers a device for push messages.',
    auth: 'user',
    // What is wrong is told by codes of its own, and apps send members of their own: the schema leaves both open.
    body: Type.Object({
      id: anything,
      type: anything,
      value: anything,
      appName: anything,
      voipToken: anything,
    }),
    response: freeObject,
    partly: PUSHED,
    async handler(ctx, { caller, body }) {
      const token = await registerPushToken(ctx, caller, body);
      return {
        result: {
          _id: token.id,
          token: { [token.service]: token.value },
          appName: token.app_name,
          userId: token.uid,
          enabled: true,
          createdAt: new Date(token.created_at),
          updatedAt: new Date(token.updated_at),
        },
      };
    },
  }),
  endpoint({
    method: 'DELETE',
    path: 'push.token',
    summary: 'Ends the registration of a device.',
    auth: 'user',
    body: Type.Object({ token: anything }),
    async handler(ctx, { caller, body }) {
      await unregisterPushToken(ctx, caller, body.token);
      return {};
    },
  }),
  endpoint({
    method: 'GET',
    path: 'push.get',
    summary: 'What to show of a message that was pushed.',
    auth: 'user',
    query: strict({ id: Type.String() }),
    response: freeObject,
    handler: async (ctx, { caller, query }) => ({ data: await pushContent(ctx, caller, query.id) }),
  }),
  endpoint({
    method: 'POST',
    path: 'push.test',
    summary: 'Pushes a test message to the own devices.',
    auth: 'user',
    permissions: { all: ['test-push-notifications'] },
    rateLimit: { calls: 1, windowMs: 1000 },
    response: strict({ tokensCount: Type.Integer() }),
    partly: PUSHED,
    handler: async (ctx, { caller }) => ({ tokensCount: await testPush(ctx, caller) }),
  }),
  endpoint({
    method: 'GET',
    path: 'push.info',
    summary: 'Whether push messages go by the gateway.',
    auth: 'user',
    response: freeObject,
    handler(ctx) {
      const gateway = ctx.settings.text('Push_gateway');
      return {
        pushGatewayEnabled: ctx.settings.bool('Push_enable') && ctx.settings.bool('Push_enable_gateway'),
        defaultPushGateway: gateway === VENDOR_GATEWAY,
      };
    },
  }),
];
