// Passkeys: the site's question goes to the device, the device's answer into a hidden field of the form.

const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
const toText = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

const withBytes = (list) => (list || []).map((credential) => ({ ...credential, id: toBytes(credential.id) }));

/** What the device answered, as JSON that the site reads: bytes as text. */
const toJson = (credential) => {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  });
};

/** A new passkey; one that logs in alone must be kept on the device and ask who holds it. */
const create = async ({ publicKey }, alone) =>
  navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      user: { ...publicKey.user, id: toBytes(publicKey.user.id) },
      excludeCredentials: withBytes(publicKey.excludeCredentials),
      authenticatorSelection: {
        ...publicKey.authenticatorSelection,
        residentKey: alone ? "required" : "discouraged",
        requireResidentKey: alone,
        ...(alone ? { userVerification: "required" } : {}),
      },
    },
  });

const get = async ({ publicKey }) =>
  navigator.credentials.get({
    publicKey: { ...publicKey, challenge: toBytes(publicKey.challenge), allowCredentials: withBytes(publicKey.allowCredentials) },
  });

/** The site's question: beside the form, or fetched when it is needed. */
const question = async (form) => {
  if (form.dataset.passkeyOptions) return JSON.parse(document.getElementById(form.dataset.passkeyOptions).textContent);
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`the site answered ${answer.status}`);
  return (await answer.json()).request_options;
};

const REASONS = {
  NotAllowedError: "The device did not answer, or you stopped it. Nothing has changed.",
  InvalidStateError: "This device has a passkey of your account already.",
  SecurityError: "The browser allows passkeys only on a secure address with a name.",
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) {
    const said = form.querySelector("[data-passkey-said]");
    if (said) said.textContent = "This browser knows no passkeys, or not on this address.";
    continue;
  }
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    const said = form.querySelector("[data-passkey-said]");
    button.disabled = true;
    said.textContent = "";
    try {
      const asked = await question(form);
      const alone = Boolean(form.elements.passwordless?.checked);
      form.elements.credential.value = toJson(form.dataset.passkey === "create" ? await create(asked, alone) : await get(asked));
      HTMLFormElement.prototype.submit.call(form);
    } catch (error) {
      said.textContent = REASONS[error.name] || `That did not work: ${error.message}`;
      button.disabled = false;
    }
  });
}
