import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Frame } from '../../test/support/ddp-client.ts';
import { plain, type RoomWorld, startRoomWorld, type TestRoom } from '../../test/support/rooms.ts';
import { respondJson, startReceiver, type WebReceiver } from '../../test/support/web-receiver.ts';
import type { ScriptOutcome } from './scripts/scripts.ts';
import { WorkerScripts } from './scripts/worker-scripts.ts';

let world: RoomWorld;
let web: WebReceiver;
let room: TestRoom;
let made = 0;

beforeAll(async () => {
  world = await startRoomWorld({ outboundAllow: ['127.0.0.1'] });
  web = await startReceiver();
  room = await world.channel();
});
afterAll(async () => {
  web.close();
  await world.close();
});

const scripted = (methods: string) => `class Script { ${methods} }`;
const last = async (): Promise<Frame> => (await world.messages(room._id)).at(-1) as Frame;

describe('the sandbox', () => {
  /** More impatient than the server's own. */
  let scripts: WorkerScripts;
  beforeAll(() => {
    scripts = new WorkerScripts(world.server.server.ctx, { computingMs: 500, silenceMs: 1500 });
  });
  afterAll(() => scripts.close());

  /** What a method returns whose body is given; `version` makes another instance of the class. */
  const run = (body: string, argument: object = {}, key = `key-${++made}`, version = 1) =>
    scripts.run({
      ...{ key, version, method: 'work', argument },
      script: scripted(`async work(given) { ${body} }`),
    });
  const returned = (value: unknown): ScriptOutcome => ({ kind: 'returned', value });
  const threw = (message: RegExp) => ({ kind: 'threw', error: { message: expect.stringMatching(message) } });

  test('values go in and out as JSON; promises are waited for', async () => {
    expect(
      await run('return { got: given.a?.b ?? 1, list: [...new Set([1, 1])] }', { a: { b: 'ü' } }),
    ).toEqual(returned({ got: 'ü', list: [1] }));
    expect(await run('await null; return await Promise.resolve(5)')).toEqual(returned(5));
    expect(await run('')).toEqual(returned(null));
    const call = { key: 'no-method', version: 1, method: 'other', argument: {}, script: scripted('') };
    expect(await scripts.run(call)).toEqual({ kind: 'missing' });
  });

  test('nothing of the server is there', async () => {
    const names = ['process', 'require', 'module', 'Buffer', 'setTimeout', 'WebAssembly', 'host', 'Worker'];
    expect(await run(`return ${JSON.stringify(names)}.filter((name) => name in globalThis)`)).toEqual(
      returned([]),
    );
    expect(await run('return (await import("node:fs")).readFileSync')).toMatchObject(threw(/./));
    expect(
      await run('return this.constructor.constructor("return typeof process + typeof require")()'),
    ).toEqual(returned('undefinedundefined'));
    expect(
      await run('return Object.getOwnPropertyNames(fetch.constructor("return this")()).length > 20'),
    ).toEqual(returned(true));
  });

  test('the helpers: Store lives as long as the script, s and console', async () => {
    const count = 'return Store.set("n", (Store.get("n") ?? 0) + 1)';
    expect(await run(count, {}, 'counter')).toEqual(returned(1));
    expect(await run(count, {}, 'counter')).toEqual(returned(2));
    expect(await run(count, {}, 'another')).toEqual(returned(1));
    expect(await run(count, {}, 'counter', 2)).toEqual(returned(1));
    expect(
      await run('console.warn("x", { a: 1 }); return [s.trim(" a "), s.slugify("Ä b_C"), s.capitalize("x")]'),
    ).toEqual(returned(['a', 'a-b-c', 'X']));
  });

  test.each<[string, unknown]>([
    [
      's.trim(" a "), s.trim("--a-", "-"), s.ltrim("  a "), s.rtrim(" a  "), s.strip("a ")',
      ['a', 'a', 'a ', ' a', 'a'],
    ],
    ['s.capitalize("xY"), s.capitalize("xY", true), s.decapitalize("XY")', ['XY', 'Xy', 'xY']],
    ['s.titleize("my name-is"), s.swapCase("aBc")', ['My Name-Is', 'AbC']],
    [
      's.camelize("-moz-transform"), s.camelize("a_b c"), s.camelize("Ab-c", true)',
      ['MozTransform', 'aBC', 'abC'],
    ],
    ['s.dasherize("MozTransform"), s.underscored("MozTransform It")', ['-moz-transform', 'moz_transform_it']],
    [
      's.classify("some_class.name"), s.humanize("  capitalize dash-CamelCase_under_id ")',
      ['SomeClassName', 'Capitalize dash camel case under'],
    ],
    [
      's.slugify("Un éléphant à l\'orée du bois"), s.slugify("Ä b_C"), s.cleanDiacritics("ääÅß")',
      ['un-elephant-a-l-oree-du-bois', 'a-b-c', 'aaAss'],
    ],
    [
      's.startsWith("image.gif", "image"), s.startsWith(".vimrc", "vim", 1), s.endsWith("image.gif", "gif"), s.endsWith("abc", "b", 2)',
      [true, true, true, true],
    ],
    [
      's.include("abc", "bc"), s.contains("abc", "d"), s.count("hello world", "l"), s.count("a", "")',
      [true, false, 3, 0],
    ],
    [
      's.chars("añ"), s.chop("whitespace", 3), s.lines("a\\r\\nb\\nc"), s.reverse("foo")',
      [['a', 'ñ'], ['whi', 'tes', 'pac', 'e'], ['a', 'b', 'c'], 'oof'],
    ],
    [
      's.words("  I love  you "), s.words("I-love", "-"), s.words(" ")',
      [['I', 'love', 'you'], ['I', 'love'], []],
    ],
    [
      's.clean(" foo    bar   "), s.isBlank(" \\n"), s.isBlank("a"), s.insert("foo ", 4, "bar"), s.splice("whitespace", 5, 5, "shift")',
      ['foo bar', true, false, 'foo bar', 'whiteshift'],
    ],
    [
      's.replaceAll("foo", "O", "$&", true), s.repeat("ab", 2), s.repeat("a", 3, "-"), s.join("-", 1, "b")',
      ['f$&$&', 'abab', 'a-a-a', '1-b'],
    ],
    [
      's.truncate("Hello world", 5), s.truncate("Hello", 10), s.prune("Hello, world", 8), s.prune("Hello, cruel world", 15)',
      ['Hello...', 'Hello', 'Hello...', 'Hello, cruel...'],
    ],
    [
      's.lpad("1", 3, "0"), s.rpad("1", 3, "."), s.lrpad("1", 8), s.center("1", 4, "*")',
      ['001', '1..', '    1   ', '**1*'],
    ],
    [
      's.escapeHTML("<b>&\'"), s.unescapeHTML("&lt;&#x41;&#66;&amp;&nosuch;"), s.stripTags("a <b>c</b>")',
      ['&lt;b&gt;&amp;&#39;', '<AB&&nosuch;', 'a c'],
    ],
    [
      's.sprintf("%s has %d, %05.2f %%", "a", 2.9, 3.14159), s.sprintf("%(n)s %x", { n: "b" }), s.vsprintf("%2$s%1$s", ["a", "b"]), s.sprintf("%-4s|%+d", "a", 5)',
      ['a has 2, 03.14 %', 'b NaN', 'ba', 'a   |+5'],
    ],
    [
      's.numberFormat(123456789.123, 2), s.numberFormat(1000), s.numberFormat(0.5, 1, ","), s.numberFormat("x")',
      ['123,456,789.12', '1,000', '0,5', ''],
    ],
    [
      's.toNumber("2.556", 1), s.toNumber("x"), s.toBoolean("Yes"), s.toBoolean("off"), s.toBoolean("what"), s.toBool(1)',
      [2.6, null, true, false, null, true],
    ],
    [
      's.strRight("a_b_c", "_"), s.strRightBack("a_b_c", "_"), s.strLeft("a_b_c", "_"), s.strLeftBack("a_b_c", "_"), s.strLeft("abc", "-")',
      ['b_c', 'c', 'a', 'a_b', 'abc'],
    ],
    [
      's.toSentence(["a", "b", "c"]), s.toSentence(["a"]), s.toSentenceSerial(["a", "b", "c"]), s.toSentence(["a", "b"], "; ", " or ")',
      ['a, b and c', 'a', 'a, b, and c', 'a or b'],
    ],
    [
      's.levenshtein("kitten", "sitting"), ["b10", "a", "b9"].sort(s.naturalCmp), s.succ("a"), s.pred("b")',
      [3, ['a', 'b9', 'b10'], 'b', 'a'],
    ],
    [
      's.quote("a"), s.q("a", "|"), s.unquote("\'a\'", "\'"), s.unquote("a"), s.surround("a", "+")',
      ['"a"', '|a|', 'a', 'a', '+a+'],
    ],
    [
      's.wrap("aa bb cc", { width: 5 }), s.wrap("abcd", { width: 3, cut: true }), s.dedent("  a\\n    b"), s.map("ab", (x) => x + x)',
      ['aa bb\ncc', 'abc\nd', 'a\n  b', 'aabb'],
    ],
    ['s.trim(null), s.capitalize(undefined), s.words(5)', ['', '', ['5']]],
  ])('the helpers of texts: %s', async (calls, values) => {
    expect(await run(`return [${calls}]`)).toEqual(returned(values));
  });

  test.each([
    ['throws', 'throw new TypeError("no")', /^no$/],
    ['throws nothing', 'throw null', /^$/],
    ['computes for ever', 'for (;;);', /interrupted/],
    ['computes for ever in a pattern', 'return /(a+)+$/.test("a".repeat(40) + "b")', /interrupted/],
    ['computes for ever behind a promise', 'await null; for (;;);', /interrupted/],
    ['eats memory', 'const all = []; for (;;) all.push({ a: 1 })', /out of memory|interrupted/],
    ['calls itself', 'const deep = () => deep() + 1; return deep()', /stack overflow/],
    ['waits for what never comes', 'await new Promise(() => {})', /never settled/],
    ['returns what is no JSON', 'const a = {}; a.a = a; return a', /circular/],
  ])('a script that %s fails alone', async (_, body, message) => {
    const other = run('return 1', {}, 'beside');
    expect(await run(body)).toMatchObject(threw(message));
    expect(await other).toEqual(returned(1));
    expect(await run('return 1', {}, 'beside')).toEqual(returned(1));
  });

  test('a method that is no promise is interrupted, too', async () => {
    const call = { key: 'endless', version: 1, method: 'work', argument: {} };
    const endless = scripts.run({ ...call, script: scripted('work() { for (;;); }') });
    expect(await endless).toMatchObject(threw(/interrupted/));
  });

  test('a script that nothing can interrupt goes with its thread; the next call has another', async () => {
    const stuck = run('const all = []; for (;;) all.push("x".repeat(1e6) + all.length)');
    const waiting = run('return 1');
    expect(await stuck).toMatchObject(threw(/took too long/));
    expect(await waiting).toMatchObject(threw(/took too long/));
    expect(await run('return 1')).toEqual(returned(1));
  });

  test('fetch asks other servers, under the guard', async () => {
    web.answer('/fetched', (request, response) =>
      respondJson({ method: request.method, text: request.text, h: request.headers['x-a'] })(
        request,
        response,
      ),
    );
    const asked = await run(
      `const answer = await fetch(given.url, { method: 'PUT', headers: { 'X-A': 1 }, body: { b: 2 } });
       return [answer.ok, answer.status, answer.headers.get('Content-Type'), await answer.json()]`,
      { url: `${web.url}/fetched` },
    );
    expect(asked).toEqual(
      returned([true, 200, 'application/json', { method: 'PUT', text: '{"b":2}', h: '1' }]),
    );
    for (const url of ['http://169.254.169.254/', 'file:///etc/passwd', 'no address'])
      expect(await run('return (await fetch(given.url)).status', { url })).toMatchObject(
        threw(/fetch failed/),
      );
    expect(
      await run(
        'return (await Promise.allSettled(Array.from({ length: 25 }, () => fetch(given.url)))).map((one) => one.status)',
        {
          url: `${web.url}/many`,
        },
      ),
    ).toEqual(returned([...Array(20).fill('fulfilled'), ...Array(5).fill('rejected')]));
  });
});

async function newHook(type: 'incoming' | 'outgoing', script: string, more: object = {}): Promise<Frame> {
  const path = `/script-${++made}`;
  const { body } = await world.admin.post('integrations.create', {
    ...{ type: `webhook-${type}`, username: 'rocket.cat', channel: `#${room.name}`, name: path },
    ...{ scriptEnabled: true, enabled: true, script },
    ...(type === 'outgoing' ? { event: 'sendMessage', urls: [`${web.url}${path}`] } : {}),
    ...more,
  });
  expect(body).toMatchObject({ success: true });
  return { ...body.integration, path };
}

describe('scripts of incoming webhooks', () => {
  const call = async ({ _id, token }: Frame, body: object | undefined, query = '') => {
    const response = await fetch(`${world.server.url}/hooks/${_id}/${token}${query}`, {
      ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
      headers: { 'content-type': 'application/json', 'x-own': 'yes' },
    });
    return { status: response.status, body: await response.json() };
  };
  const OK = { status: 200, body: { success: true } };

  test('make the message of the request', async () => {
    const hook = await newHook(
      'incoming',
      scripted(`process_incoming_request({ request }) {
        return { content: { text: JSON.stringify([request.content, request.headers['x-own'], request.url.query,
          request.url.pathname === request.url_raw.split('?')[0], request.url_params.integrationId,
          request.content_raw, request.user.username]) }, response: { id: 7, success: false } }
      }`),
    );
    expect(hook).toMatchObject({ scriptCompiled: hook.script, scriptEngine: 'isolated-vm' });
    expect(await call(hook, { a: 1 }, '?b=2')).toEqual({ status: 200, body: { id: 7, success: true } });
    expect(JSON.parse((await last()).msg)).toEqual([
      ...[{ a: 1 }, 'yes', { b: '2' }, true, hook._id, '{"a":1}', 'rocket.cat'],
    ]);
    // Also without a body.
    expect((await call(hook, undefined, '?b=3')).status).toBe(200);
    expect(JSON.parse((await last()).msg)[2]).toEqual({ b: '3' });
  });

  test.each([
    ['nothing', 'return', OK],
    [
      'an error',
      'return { error: { success: false, message: "no" } }',
      { status: 400, body: { success: false, error: { success: false, message: 'no' } } },
    ],
    ['an exception', 'throw new Error("x")', { status: 400, body: plain('error-running-script') }],
    [
      'another channel',
      'return { content: { text: "x", channel: "#general" } }',
      { status: 400, body: plain('overriding destination channel is disabled for this integration') },
    ],
    [
      'nobody',
      'return { content: { text: "x" }, user: { _id: "nobody" } }',
      { status: 400, body: plain('error-invalid-user') },
    ],
    ['a list', 'return [1]', OK],
  ])('that return %s post nothing', async (_, body, answer) => {
    const before = (await world.messages(room._id)).length;
    const hook = await newHook('incoming', scripted(`process_incoming_request() { ${body} }`));
    expect(await call(hook, { text: 'raw' })).toEqual(answer);
    expect(await world.messages(room._id)).toHaveLength(before);
  });

  test('may post as somebody else; a class without the method posts nothing', async () => {
    const as = `{ content: { text: 'as alice' }, user: { username: 'alice' } }`;
    const hook = await newHook('incoming', scripted(`process_incoming_request() { return ${as} }`));
    expect(await call(hook, { text: 'x' })).toEqual(OK);
    expect(await last()).toMatchObject({ msg: 'as alice', u: { username: 'alice' } });
    expect(await call(await newHook('incoming', scripted('')), { text: 'y' })).toEqual(OK);
    expect((await last()).msg).toBe('as alice');
  });

  test('with a mistake, or switched off, are as if they were not there', async () => {
    const broken = await newHook('incoming', 'class Script { process( }');
    expect(broken).toMatchObject({ scriptError: { name: 'SyntaxError', message: expect.any(String) } });
    expect(broken).not.toHaveProperty('scriptCompiled');
    expect(await call(broken, { text: 'past the mistake' })).toEqual(OK);
    expect((await last()).msg).toBe('past the mistake');
    const off = await newHook('incoming', scripted(''), { scriptEnabled: false });
    expect(await call(off, { text: 'past the script' })).toEqual(OK);
    expect((await last()).msg).toBe('past the script');
  });

  test('frozen scripts cannot change, disabled ones do not run', async () => {
    const { config } = world.server.server.ctx;
    const hook = await newHook('incoming', scripted(''));
    const change = {
      ...{ type: 'webhook-incoming', integrationId: hook._id, channel: `#${room.name}`, name: 'x' },
      ...{ scriptEnabled: true, enabled: true },
    };
    config.freezeIntegrationScripts = true;
    try {
      const created = await world.admin.post('integrations.create', {
        ...{ type: 'webhook-incoming', username: 'rocket.cat', channel: `#${room.name}`, name: 'x' },
        ...{ scriptEnabled: true, enabled: true, script: 'x' },
      });
      const refusal = plain('integration-scripts-disabled');
      expect(created.body).toEqual(refusal);
      const changed = { ...change, script: scripted('a() {}') };
      expect((await world.admin.put('integrations.update', changed)).body).toEqual(refusal);
      const same = await world.admin.put('integrations.update', { ...change, script: scripted('') });
      expect(same.status).toBe(200);
    } finally {
      config.freezeIntegrationScripts = false;
    }
    config.disableIntegrationScripts = true;
    try {
      expect(await call(hook, { text: 'as it came' })).toEqual(OK);
      expect((await last()).msg).toBe('as it came');
    } finally {
      config.disableIntegrationScripts = false;
    }
  });
});

describe('scripts of outgoing webhooks', () => {
  /** Lets a message cause the webhook; gives its history. */
  async function cause(hook: Frame): Promise<Frame[]> {
    await world.say(world.alice, room._id, 'cause');
    await world.server.server.jobs.idle();
    const { body } = await world.admin.get('integrations.history', { id: hook._id });
    const removed = { type: 'webhook-outgoing', integrationId: hook._id };
    await world.admin.post('integrations.remove', removed);
    return body.history;
  }

  test('change the call', async () => {
    const hook = await newHook(
      'outgoing',
      scripted(`prepare_outgoing_request({ request }) {
        return { ...request, method: 'PUT', auth: 'me:secret', params: { p: 1 }, headers: { 'X-Own': 'a' },
          data: { only: request.data.text } }
      }`),
    );
    const history = await cause(hook);
    const [request] = web.received(hook.path);
    expect(request).toMatchObject({
      ...{ method: 'PUT', body: { only: 'cause' } },
      headers: { 'x-own': 'a', authorization: `Basic ${Buffer.from('me:secret').toString('base64')}` },
    });
    expect(history).toMatchObject([
      { ranPrepareScript: true, step: 'after-http-call', url: `${web.url}${hook.path}?p=1`, finished: true },
    ]);
  });

  test.each([
    ['nothing', 'return', 'after-prepare-no-opts', false],
    ['no address', 'return { method: "POST" }', 'after-prepare-no-url_or_method', false],
    ['an exception', 'throw new Error("no")', 'execute-script-error-running-prepare_outgoing_request', true],
  ])('that prepare %s call nobody', async (_, body, step, error) => {
    const hook = await newHook('outgoing', scripted(`prepare_outgoing_request() { ${body} }`));
    const [entry] = await cause(hook);
    expect(entry).toMatchObject({ step, finished: true, ranPrepareScript: true });
    expect(entry?.error ?? false).toBe(error);
    expect(entry?.errorStack ?? 'no').toContain('no');
    expect(web.received(hook.path)).toEqual([]);
  });

  test('post instead of calling', async () => {
    const script = scripted('prepare_outgoing_request() { return { message: { text: "instead" } } }');
    const [entry] = await cause(await newHook('outgoing', script));
    expect(entry).toMatchObject({
      ...{ step: 'after-prepare-no-url_or_method', prepareSentMessage: { msg: 'instead' } },
    });
    expect(await last()).toMatchObject({ msg: 'instead', u: { username: 'rocket.cat' } });
  });

  test.each([
    [
      'post',
      'return { content: { text: response.status_code + response.content } }',
      'after-process-send-message',
      '200{"text":"raw"}',
    ],
    ['stop', 'return false', 'after-process-false-result', 'cause'],
    ['leave alone', 'return', 'url-response-sent-message', 'raw'],
    ['fail at', 'throw new Error("no")', 'url-response-sent-message', 'raw'],
  ])('%s the answer', async (_, body, step, text) => {
    const hook = await newHook('outgoing', scripted(`process_outgoing_response({ response }) { ${body} }`));
    web.answer(hook.path, respondJson({ text: 'raw' }));
    expect(await cause(hook)).toMatchObject([{ step, finished: true, ranPrepareScript: false }]);
    expect((await last()).msg).toBe(text);
  });
});
