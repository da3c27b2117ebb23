import { join } from 'node:path';
import { HttpConnection } from '../client/http-connection.ts';
import { figure } from '../harness/figures.ts';
import type { Scenario } from '../harness/scenario.ts';

/** One file of a gibibyte, up and down: the rate, and how much memory the server takes beyond what it has at rest. */
export const filesScenario: Scenario = {
  name: 'files',
  title: 'one upload and one download of a file of 1 GiB',
  async run(bench) {
    const mebibytes = bench.pick(1024, 256);
    const up: number[] = [];
    const down: number[] = [];
    const raw: number[] = [];
    const upPeak: number[] = [];
    const downPeak: number[] = [];
    const rate = ({ ms }: { ms: number }) => (mebibytes * 1000) / ms;
    await bench.withServer(bench.newDirectory(), (server) =>
      bench.withLoad(1, async (load) => {
        const { port } = server;
        const person = await server.logIn();
        const connection = await HttpConnection.open(port);
        const post = async (path: string, body: object) => {
          const { status, body: answer } = await connection.post(`/api/v1/${path}`, body, person);
          if (status !== 200) throw new Error(`${path}: ${answer}`);
          return JSON.parse(String(answer));
        };
        await post('settings/FileUpload_MaxFileSize', { value: -1 });
        const rid = (await post('channels.create', { name: 'files' })).channel._id as string;
        connection.close();
        await load.run('uploadFile', { port, person, rid, mebibytes: 16 });
        for (let round = 0; round < bench.pick(3, 1); round += 1) {
          await server.quiet();
          const atRest = server.residentMiB();
          server.forgetPeak();
          const upload = await load.run('uploadFile', { port, person, rid, mebibytes });
          up.push(rate(upload));
          upPeak.push(server.peakMiB() - atRest);
          await server.quiet();
          server.forgetPeak();
          down.push(rate(await load.run('downloadFile', { port, person, path: upload.url, mebibytes })));
          downPeak.push(server.peakMiB() - atRest);
          raw.push(rate(await load.run('writeBareFile', { path: join(bench.dir, 'bare'), mebibytes })));
        }
      }),
    );
    return [
      figure('upload', 'MiB/s', up, { name: 'bare writing and a sync', values: raw }),
      figure('upload: memory at most above rest', 'MiB', upPeak),
      figure('download', 'MiB/s', down),
      figure('download: memory at most above rest', 'MiB', downPeak),
    ];
  },
};
