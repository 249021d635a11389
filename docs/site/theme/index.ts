import type { Theme } from "vitepress";
import DefaultTheme from "vitepress/theme-without-fonts";
import { defineAsyncComponent } from "vue";
import GlossaryTerm from "./glossary-term.vue";
import "./colours.css";
import "./layout.css";
import "./pictures.css";

const theme: Theme = {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component("GlossaryTerm", GlossaryTerm);
    // The library is loaded for the first page alone.
    app.component(
      "HomePlayground",
      defineAsyncComponent(() => import("../playground/home-playground.vue")),
    );
  },
};

export default theme;
