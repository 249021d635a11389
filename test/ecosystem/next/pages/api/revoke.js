export default async function handler(request, response) {
  response.json(await globalThis.routes.revoke(request.query.user));
}
