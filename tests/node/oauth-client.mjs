// An application as oauth4webapi makes one: discovery, code with PKCE, refresh, revocation, introspection.
// It prints the address its user should open, reads from standard input where that led, and prints what it saw.
import * as oauth from 'oauth4webapi'
import { createInterface } from 'node:readline'

const [base, publicId, machineId, machineSecret, redirectUri] = process.argv.slice(2)
const local = { [oauth.allowInsecureRequests]: true }
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const seen = {}

const issuer = new URL(base)
const server = await oauth.processDiscoveryResponse(
  issuer, await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...local }))
seen.issuer = server.issuer

const resource = new URL(base)
const metadata = await oauth.processResourceDiscoveryResponse(
  resource, await oauth.resourceDiscoveryRequest(resource, local))
seen.authorizationServers = metadata.authorization_servers

const client = { client_id: publicId, token_endpoint_auth_method: 'none' }
const verifier = oauth.generateRandomCodeVerifier()
const state = oauth.generateRandomState()
const asked = new URL(server.authorization_endpoint)
for (const [name, value] of Object.entries({
  response_type: 'code', client_id: publicId, redirect_uri: redirectUri, scope: 'tokens:read events:read', state,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
})) asked.searchParams.set(name, value)
console.log(asked.href)

const callback = new URL((await lines.next()).value)
const answer = oauth.validateAuthResponse(server, client, callback, state)
const tokens = await oauth.processAuthorizationCodeResponse(server, client,
  await oauth.authorizationCodeGrantRequest(server, client, oauth.None(), answer, redirectUri, verifier, local))
seen.scope = tokens.scope

const call = async (token) => {
  try {
    return (await oauth.protectedResourceRequest(token, 'GET', new URL('/v1/api-tokens', base), undefined, null, local)).status
  } catch (error) {
    if (error instanceof oauth.WWWAuthenticateChallengeError) return `${error.status} ${error.cause[0].parameters.error}`
    throw error
  }
}
seen.called = await call(tokens.access_token)

const presented = new Request(base, { headers: { authorization: `Bearer ${tokens.access_token}` } })
const claims = await oauth.validateJwtAccessToken(server, presented, base, local)
seen.validated = claims.client_id === publicId

const renewed = await oauth.processRefreshTokenResponse(server, client,
  await oauth.refreshTokenGrantRequest(server, client, oauth.None(), tokens.refresh_token, local))
seen.rotated = renewed.refresh_token !== tokens.refresh_token
seen.calledAfterRefresh = await call(renewed.access_token)

await oauth.processRevocationResponse(
  await oauth.revocationRequest(server, client, oauth.None(), renewed.refresh_token, local))
seen.calledAfterRevocation = await call(renewed.access_token)

const machine = { client_id: machineId }
const secret = oauth.ClientSecretBasic(machineSecret)
const own = await oauth.processClientCredentialsResponse(server, machine,
  await oauth.clientCredentialsGrantRequest(server, machine, secret, { scope: 'events:read' }, local))
const told = await oauth.processIntrospectionResponse(server, machine,
  await oauth.introspectionRequest(server, machine, secret, own.access_token, local))
seen.introspected = [told.active, told.scope]

console.log(JSON.stringify(seen))
process.exit(0)
