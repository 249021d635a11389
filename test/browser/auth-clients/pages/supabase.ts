import { withSupabase } from "virtual:docs/auth-clients.md/withSupabase";
import { createClient } from "@supabase/supabase-js";
import { expose } from "../fixture/expose.js";

const storageKey = "sb-test-auth-token";
const supabase = createClient(location.origin, "a publishable key", {
  auth: { autoRefreshToken: false, storageKey },
});

expose(() => withSupabase(supabase, storageKey), {
  async signIn() {
    const { error } = await supabase.auth.signInWithPassword({
      email: "ada@example.com",
      password: "secret",
    });
    if (error) throw error;
  },
  isSignedIn: async () => (await supabase.auth.getSession()).data.session !== null,
});
