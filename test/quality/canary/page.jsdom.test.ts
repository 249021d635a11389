import { expect, test } from "vitest";
import { plant, takeLeaks } from "./record.js";
import { keepPage } from "./setup-surroundings.js";

test("the canary that watches over every test finds a token in the page, be it in an attribute", () => {
  plant("a-token-that-nobody-may-see");
  document.body.innerHTML = '<p title="a-token-that-nobody-may-see">Hello</p>';
  keepPage();
  document.body.innerHTML = "";
  expect(takeLeaks()).toHaveLength(1);
});
