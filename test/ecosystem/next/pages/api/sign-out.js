export default function handler(request, response) {
  return new Promise((resolve) => request.session.destroy(() => resolve(response.json({}))));
}
