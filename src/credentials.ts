import { createPrivateKey } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { CredentialPlaces, Settings } from './settings.ts'

/** No credentials, or none that Google takes: the message says where they were looked for, and how to mend it. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError'
  readonly reason: string
  readonly mend: string

  constructor(reason: string, mend: string) {
    super(`${reason}\n${mend}`)
    this.reason = reason
    this.mend = mend
  }
}

/** Credentials that Google took. */
export interface Identity {
  /** A file's path, or `the metadata server`. */
  readonly source: string
  /** `service_account`, `authorized_user` …: the type that the file names. */
  readonly type: string
  /** An e-mail address; absent where Google does not tell, as for some federated identities. */
  readonly principal?: string
  /** The project that is charged for the requests; absent: the one that owns the credentials. */
  readonly quotaProject?: string
}

const PATIENCE_MS = 10_000
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'
const LOGIN = '`gcloud auth application-default login`'

/**
 * Throws a CredentialsError unless there are credentials for Google Cloud, and Google gives an access token for them.
 * To be called before the first request: without credentials each client would look for them on its own, some of them
 * again and again for a minute. On emulators there is nothing to look for, and nothing is loaded.
 */
export async function credentialsAreThere({ credentials, projectId }: Settings): Promise<void> {
  if (credentials) await authenticate(credentials, projectId)
}

/** Who the clients are for Google, found out as they do it themselves; absent on emulators. Throws a CredentialsError. */
export async function identify({ credentials, projectId }: Settings): Promise<Identity | undefined> {
  if (!credentials) return undefined
  const { file, auth, token } = await authenticate(credentials, projectId)
  const principal = file?.principal ?? (await bounded(principalOf(auth, token)).catch(() => undefined))
  const quotaProject = credentials.quotaProject ?? file?.quotaProject
  return {
    source: file?.path ?? 'the metadata server',
    type: file?.type ?? 'service_account',
    ...(principal !== undefined && { principal }),
    ...(quotaProject !== undefined && { quotaProject }),
  }
}

async function authenticate(places: CredentialPlaces, projectId: string) {
  const file = await credentialsFile(places)
  const { GoogleAuth } = await import('google-auth-library')
  const auth = new GoogleAuth({ projectId, scopes: SCOPE })
  try {
    const token = await bounded(auth.getAccessToken())
    if (token) return { file, auth, token }
  } catch (thrown) {
    throw file ? refused(file.path, thrown) : nowhere(places, thrown)
  }
  throw new CredentialsError(`Google gave no access token for ${file?.path ?? 'this machine'}.`, `Try ${LOGIN}.`)
}

type Auth = Awaited<ReturnType<typeof authenticate>>['auth']

/** The metadata server tells its account's address, and a user's is in what Google knows of the token. */
async function principalOf(auth: Auth, token: string): Promise<string | undefined> {
  const { client_email } = await auth.getCredentials()
  if (client_email) return client_email
  const { OAuth2Client } = await import('google-auth-library')
  return (await new OAuth2Client().getTokenInfo(token)).email
}

const text = z.string().min(1, 'is empty')

const isPrivateKey = (pem: string) => {
  try {
    return createPrivateKey(pem).type === 'private'
  } catch {
    return false
  }
}

/** What google-auth-library reads of each type of file; it finds out what is missing only when it asks for a token. */
const content = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('service_account'),
    client_email: text,
    private_key: text.refine(isPrivateKey, 'is not a private key in PEM'),
    quota_project_id: text.optional(),
  }),
  z.object({
    type: z.literal('authorized_user'),
    client_id: text,
    client_secret: text,
    refresh_token: text,
    quota_project_id: text.optional(),
  }),
  z.object({
    type: z.literal('impersonated_service_account'),
    service_account_impersonation_url: text,
    source_credentials: z.object({ type: text }),
    quota_project_id: text.optional(),
  }),
  z.object({
    type: z.literal('external_account'),
    audience: text,
    token_url: text,
    service_account_impersonation_url: text.optional(),
    quota_project_id: text.optional(),
  }),
  z.object({ type: z.literal('external_account_authorized_user'), quota_project_id: text.optional() }),
])

interface CredentialsFile {
  readonly path: string
  readonly type: string
  readonly principal: string | undefined
  readonly quotaProject: string | undefined
}

/** Nothing when there is no file, so that only the metadata server is left. */
async function credentialsFile({ namedFile, loginFile }: CredentialPlaces): Promise<CredentialsFile | undefined> {
  if (namedFile !== undefined) return read(namedFile, `GOOGLE_APPLICATION_CREDENTIALS names ${namedFile}`)
  if (loginFile === undefined || !existsSync(loginFile)) return undefined
  return read(loginFile, `there is ${loginFile}`)
}

async function read(path: string, found: string): Promise<CredentialsFile> {
  const fault = (what: string) =>
    new CredentialsError(
      `${found}, which ${what}.`,
      `Let GOOGLE_APPLICATION_CREDENTIALS name a key file, or unset it and run ${LOGIN}.`,
    )
  const json = await readFile(path, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    throw fault(UNREADABLE[thrown.code ?? ''] ?? `cannot be read (${thrown.message})`)
  })
  const parsed = content.safeParse(parse(json) ?? fail(fault('is not JSON')))
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path: [name], message }) => `${String(name ?? 'it')} ${message}`)
    throw fault(`holds no credentials of Google Cloud (${faults.join('; ')})`)
  }
  const { data } = parsed
  const impersonated = 'service_account_impersonation_url' in data ? data.service_account_impersonation_url : undefined
  return {
    path,
    type: data.type,
    principal: 'client_email' in data ? data.client_email : impersonated?.split('/').at(-1)?.split(':')[0],
    quotaProject: data.quota_project_id,
  }
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  EACCES: 'this user may not read',
  EISDIR: 'is a folder',
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

const fail = (error: Error): never => {
  throw error
}

/** Google's answer to the request for a token, as OAuth gives it (RFC 6749, 5.2). */
const oauthError = z.object({
  response: z.object({ data: z.object({ error: z.string(), error_description: z.string().optional() }) }),
})

function refused(path: string, thrown: unknown): CredentialsError {
  const answer = oauthError.safeParse(thrown)
  if (!answer.success) {
    const reason = `Google gave no access token for the credentials in ${path}: ${messageOf(thrown)}.`
    return new CredentialsError(reason, 'Is there a network, and is the file the right one?')
  }
  const { error, error_description: description } = answer.data.response.data
  const why = description ? `${error}: ${description}` : error
  const reason = `Google refuses the credentials in ${path} (${why}).`
  return new CredentialsError(reason, `Make new ones: ${LOGIN}, or another key file.`)
}

function nowhere({ loginFile }: CredentialPlaces, thrown: unknown): CredentialsError {
  const places = [
    'GOOGLE_APPLICATION_CREDENTIALS is not set',
    loginFile === undefined ? 'gcloud has no folder (HOME is not set)' : `${loginFile} is not there`,
    `no metadata server gives a token (${messageOf(thrown)})`,
  ]
  return new CredentialsError(
    `there are no credentials for Google Cloud:\n${places.map((place) => `  ${place}`).join(',\n')}.`,
    `Run ${LOGIN}, or let GOOGLE_APPLICATION_CREDENTIALS name a key file.`,
  )
}

/** The library's first sentence; what follows are links. */
const messageOf = (thrown: unknown) =>
  (thrown instanceof Error ? thrown.message : String(thrown)).split(/(?<=\.) |\n/)[0]!.replace(/\.$/, '')

async function bounded<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS / 1_000} s`)), PATIENCE_MS)
  })
  try {
    return await Promise.race([work, tooLong])
  } finally {
    clearTimeout(timer)
  }
}
