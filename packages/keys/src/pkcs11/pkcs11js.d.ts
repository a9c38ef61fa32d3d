// What we call of pkcs11js, for machines where that optional package could not be compiled and npm has
// taken it away again: sources that use it are checked all the same. Where it is, its own types count
// (tsconfig.json, `paths`).

export type Handle = Buffer;

export interface Attribute {
  type: number;
  value?: Buffer | boolean | number | string;
}

export interface TokenInfo {
  label: string;
  serialNumber: string;
  flags: number;
  maxSessionCount: number;
}

interface Mechanism {
  mechanism: number;
  parameter?: Buffer;
}

interface AttributeResult {
  type: number;
  value: Buffer;
}

interface KeyPair {
  publicKey: Handle;
  privateKey: Handle;
}

export class PKCS11 {
  load(path: string): void;
  C_Initialize(options?: { flags?: number }): void;
  C_Finalize(): void;
  C_GetSlotList(tokenPresent?: boolean): Handle[];
  C_GetTokenInfo(slot: Handle): TokenInfo;
  C_GetMechanismList(slot: Handle): number[];
  C_OpenSession(slot: Handle, flags: number): Handle;
  C_Login(session: Handle, userType: number, pin?: string): void;
  C_FindObjectsInit(session: Handle, template: Attribute[]): void;
  C_FindObjects(session: Handle, maxObjectCount: number): Handle[];
  C_FindObjectsFinal(session: Handle): void;
  C_GetAttributeValue(session: Handle, object: Handle, template: Attribute[]): AttributeResult[];
  C_SetAttributeValue(session: Handle, object: Handle, template: Attribute[]): void;
  C_CopyObject(session: Handle, object: Handle, template: Attribute[]): Handle;
  C_DestroyObject(session: Handle, object: Handle): void;
  C_GenerateKey(session: Handle, mechanism: Mechanism, template: Attribute[]): Handle;
  C_GenerateKeyPair(
    session: Handle,
    mechanism: Mechanism,
    publicTemplate: Attribute[],
    privateTemplate: Attribute[],
  ): KeyPair;
  C_GenerateKeyPairAsync(
    session: Handle,
    mechanism: Mechanism,
    publicTemplate: Attribute[],
    privateTemplate: Attribute[],
  ): Promise<KeyPair>;
  C_SignInit(session: Handle, mechanism: Mechanism, key: Handle): void;
  C_SignAsync(session: Handle, inData: Buffer, outData: Buffer): Promise<Buffer>;
  C_WrapKey(
    session: Handle,
    mechanism: Mechanism,
    wrappingKey: Handle,
    key: Handle,
    wrapped: Buffer,
  ): Buffer;
}
