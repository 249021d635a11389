import type { Theme } from "vitepress";
import DefaultTheme from "vitepress/theme-without-fonts";
import GlossaryTerm from "./glossary-term.vue";
import HomePlayground from "../playground/home-playground.vue";
import "./colours.css";
import "./layout.css";
import "./pictures.css";

const theme: Theme = {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component("GlossaryTerm", GlossaryTerm);
    app.component("HomePlayground", HomePlayground);
  },
};

export default theme;
