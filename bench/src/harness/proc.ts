import { readFileSync, writeFileSync } from 'node:fs';

/** What the kernel says about processes (Linux only). Its clock ticks are 10 ms on every common build. */
const MS_PER_TICK = 10;

/** User and system time of a process in ms; with `children` also of those it has waited for. */
export function cpuMs(pid: number | 'self', children = false): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may contain anything; the numbers begin after it, with field 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = (field: number) => Number(fields[field - 3]);
  return (ticks(14) + ticks(15) + (children ? ticks(16) + ticks(17) : 0)) * MS_PER_TICK;
}

/** Resident memory of a process in MiB. */
export const residentMiB = (pid: number): number => mebibytesOf(pid, 'VmRSS');

/** The most that was ever resident, or since the peak was forgotten. */
export const peakMiB = (pid: number): number => mebibytesOf(pid, 'VmHWM');

export const forgetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5');

function mebibytesOf(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const line = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm');
  return Number(line.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** Time that all processors together were busy since the machine started, in ms. */
export function machineBusyMs(): number {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] = line.split(/ +/).slice(1).map(Number);
  return (user + nice + system + irq + softIrq) * MS_PER_TICK;
}
