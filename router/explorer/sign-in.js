// The bar with the sign-in buttons, and requests in the name of the user who signed in.

const WORDS = {
  guest: () => 'You are a guest. Sign in as',
  'signing in': ({ person }) => `Signing in as ${person.label} …`,
  'signed in': ({ problem }) =>
    problem ? `The token cannot be renewed now (${problem}); trying again. Signed in as` : 'Signed in as',
  'signed out': ({ person, problem }) => `${person.label} is signed out (${problem}). You are a guest. Sign in as`,
};

/**
 * Fills the bar with a button for each person, and links to other pages. The bar stays hidden if it has neither.
 * @param people the person of each button, and the links
 * @param session signs in and out
 * @returns a function that shows a state of the session
 */
export function signInBar(bar, { signIn: people, links }, session) {
  const text = document.createElement('span');
  text.setAttribute('role', 'status');
  const buttons = people.map((person) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = person.label;
    button.addEventListener(
      'click',
      () => void (button.getAttribute('aria-pressed') === 'true' ? session.signOut() : session.signIn(person)),
    );
    return button;
  });
  const anchors = links.map(({ label, href }) =>
    Object.assign(document.createElement('a'), { textContent: label, href }),
  );
  const show = (state) => {
    text.textContent = WORDS[state.is](state);
    bar.classList.toggle('problem', state.problem !== undefined);
    for (const [index, button] of buttons.entries()) {
      button.setAttribute('aria-pressed', String(state.is === 'signed in' && state.person === people[index]));
    }
  };
  if (people.length > 0) {
    show({ is: 'guest' });
    bar.append(text, ...buttons);
  }
  bar.append(...anchors);
  bar.hidden = people.length + links.length === 0;
  return show;
}

/** A request that was refused with 401 was not executed. It is sent once more with a new token. */
export async function fetchAs(session, input, init) {
  const send = (token) =>
    fetch(input, { ...init, headers: { ...init.headers, ...(token && { authorization: `Bearer ${token}` }) } });
  const token = await session.token();
  const response = await send(token);
  if (response.status !== 401 || !token) return response;
  const another = await session.refused(token);
  return another ? send(another) : response;
}
