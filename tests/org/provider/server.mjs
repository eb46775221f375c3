// A real OpenID provider on loopback for the tests: any name signs in with the password "open sesame".
// Prints {"issuer": …} once it listens. Names: lin-… signs in with a second step (amr otp); every name is also its
// preferred_username without what follows a slash: "learner/2" is another person of the same name.
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const PASSWORD = 'open sesame';
const server = createServer();
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [{
    client_id: 'learnhub',
    client_secret: 'between-the-two-of-us-and-nobody-else',
    redirect_uris: [`${issuer}/replaced-below`],
    post_logout_redirect_uris: [`${issuer}/replaced-below`],
  }],
  cookies: { keys: ['only for tests'] },
  claims: { openid: ['sub', 'acr', 'amr'], profile: ['preferred_username', 'name'] },
  features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  pkce: { required: () => true },
  findAccount: (_ctx, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: id, preferred_username: id.split('/')[0] }),
  }),
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope('openid profile');
    await grant.save();
    return grant;
  },
});

// The site under test listens on another port in each test.
const own = (path) => (uri) => new RegExp(`^http://(127\\.0\\.0\\.1|localhost)(:\\d+)?${path}$`).test(uri);
provider.Client.prototype.redirectUriAllowed = own('/login/provider/back');
provider.Client.prototype.postLogoutRedirectUriAllowed = own('/login');

const page = (uid) => `<!doctype html><html lang="en"><title>Provider</title><h1>Provider</h1>
<form method="post" action="/interaction/${uid}">
<label>Name <input name="name"></label><label>Password <input type="password" name="password"></label>
<button name="go" value="in">Enter</button><button name="go" value="no">Refuse</button></form></html>`;

async function interact(request, response) {
  const { uid } = await provider.interactionDetails(request, response);
  if (request.method !== 'POST') {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(page(uid));
    return;
  }
  let body = '';
  for await (const part of request) body += part;
  const form = new URLSearchParams(body);
  const isRight = form.get('go') !== 'no' && form.get('password') === PASSWORD;
  const name = form.get('name');
  const result = isRight
    ? { login: { accountId: name, amr: name.startsWith('lin-') ? ['pwd', 'otp'] : ['pwd'] } }
    : { error: 'access_denied', error_description: 'no' };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

const handle = provider.callback();
server.on('request', (request, response) => {
  const answer = request.url.startsWith('/interaction/') ? interact(request, response) : handle(request, response);
  Promise.resolve(answer).catch((error) => { response.statusCode = 500; response.end(String(error)); });
});
console.log(JSON.stringify({ issuer }));
