export { encodeFrame, type Frame, FrameReader, MAX_FRAME_BYTES } from './frame.ts';
export {
  type ConnectPipeOptions,
  connectPipe,
  type PipeClient,
  type PipeRefusal,
} from './pipe-client.ts';
export {
  credentialPath,
  type HeldSecret,
  holdSecret,
  type SecretRefusal,
  type SecretSource,
} from './secret/hold-secret.ts';
export {
  MAX_BATCH_REQUESTS,
  type PipeRequest,
  type ServePipeOptions,
  servePipe,
} from './serve-pipe.ts';
export {
  type CageOpenings,
  type ConfinedChild,
  type ConfinedOptions,
  confinementFlags,
  LOCK_DESCRIPTOR,
  type SqliteUse,
  spawnConfined,
} from './spawn-confined.ts';
export { type Supervised, type SuperviseOptions, superviseChild } from './supervise.ts';
export { type ConnectTlsOptions, connectTls, type TlsPeer } from './tls/connect-tls.ts';
export { type Listen, readListen } from './tls/read-listen.ts';
export { type ServeTlsOptions, serveTls, type TlsDoor, type TlsLimits } from './tls/serve-tls.ts';
export {
  certificateFingerprint,
  type PemSource,
  readTlsIdentity,
  type TlsIdentity,
} from './tls/tls-identity.ts';
export { untilReady } from './until-ready.ts';
