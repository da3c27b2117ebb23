import { connect as connectPlainly, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectWithTls } from 'node:tls';
import type { Settings } from '../../kernel/settings.ts';

/** How many more bytes the directory may send; set anew before each question. */
export interface ByteAllowance {
  left: number;
}

/** A plain connection to the directory of the settings. */
export function openPlainSocket(settings: Settings, allowance: ByteAllowance): Socket {
  const { host, port } = address(settings);
  return guarded(connectPlainly({ host, port }), allowance);
}

/** One with TLS: over `socket`, or a new one. It ends with an error when the handshake takes longer than `handshakeMs`. */
export function openTlsSocket(
  settings: Settings,
  allowance: ByteAllowance,
  { socket, handshakeMs }: { socket?: Socket | undefined; handshakeMs: number },
): Socket {
  const { host, port } = address(settings);
  const ca = settings.text('LDAP_CA_Cert').trim();
  const options: ConnectionOptions = {
    host,
    ...(socket ? { socket } : { port }),
    ...(isIP(host) ? {} : { servername: host }),
    ...(ca === '' ? {} : { ca }),
    rejectUnauthorized: settings.bool('LDAP_Reject_Unauthorized'),
  };
  const secured = guarded(connectWithTls(options), allowance);
  // ldapts watches the start of a new connection, but not a handshake on one that it has.
  const timer = setTimeout(() => secured.destroy(new Error('the TLS handshake took too long')), handshakeMs);
  secured.once('secureConnect', () => clearTimeout(timer));
  secured.once('close', () => clearTimeout(timer));
  return secured;
}

function address(settings: Settings): { host: string; port: number } {
  const host = settings.text('LDAP_Host').trim();
  const encrypted = settings.text('LDAP_Encryption') === 'ssl';
  return {
    host: host.replace(/^\[(.*)\]$/, '$1'),
    port: settings.int('LDAP_Port') || (encrypted ? 636 : 389),
  };
}

/**
 * ldapts keeps what it cannot read yet, without a limit, and reads what it can by recursion, inside the listener. So the
 * bytes are counted here, and whatever reading them throws ends the connection and not the process.
 */
function guarded<S extends Socket>(socket: S, allowance: ByteAllowance): S {
  const emit = socket.emit.bind(socket) as (event: string | symbol, ...args: unknown[]) => boolean;
  const guardedEmit = (event: string | symbol, ...args: unknown[]): boolean => {
    // ldapts takes its listeners away before it closes a connection.
    if (event === 'error' && socket.listenerCount('error') === 0) return false;
    if (event !== 'data') return emit(event, ...args);
    allowance.left -= (args[0] as Buffer).length;
    if (allowance.left < 0) {
      socket.destroy(new Error('the answer of the directory is too large'));
      return true;
    }
    try {
      return emit(event, ...args);
    } catch (error) {
      socket.destroy(
        error instanceof Error ? error : new Error('the answer of the directory cannot be read'),
      );
      return true;
    }
  };
  socket.emit = guardedEmit as S['emit'];
  return socket;
}
