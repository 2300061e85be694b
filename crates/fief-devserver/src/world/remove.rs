//! What goes away while the server runs, and all that hung on it.

use uuid::Uuid;

use super::World;

impl World {
    /// Takes a user away with its sessions, codes and refresh tokens. None if there is none.
    pub(crate) fn remove_user(&mut self, id: Uuid) -> Option<()> {
        let document = self.user_document(self.user(id)?);
        self.users.retain(|user| user.id != id);
        self.grants.retain(|(user, _), _| *user != id);
        self.sessions.retain(|session| session.user != id);
        self.codes.retain(|code| code.user != id);
        self.refresh_tokens.retain(|token| token.user != id);
        self.email_codes.retain(|code| code.user != id);
        self.tell("user.deleted", &document);
        Some(())
    }

    /// Takes a client away with its codes and refresh tokens. None if there is none.
    pub(crate) fn remove_client(&mut self, id: Uuid) -> Option<()> {
        let document = self.client_document(self.client_by_id(id)?);
        self.clients.retain(|client| client.id != id);
        self.grants.retain(|(_, client), _| *client != id);
        self.login_sessions.retain(|login| login.client != id);
        self.codes.retain(|code| code.client != id);
        self.refresh_tokens.retain(|token| token.client != id);
        self.tell("client.deleted", &document);
        Some(())
    }

    /// Takes a permission away, from all who have it too. None if there is none.
    pub(crate) fn remove_permission(&mut self, codename: &str) -> Option<()> {
        let document = self.permissions.remove(codename)?.document(codename);
        for user in &mut self.users {
            user.permissions.remove(codename);
        }
        self.tell("permission.deleted", &document);
        Some(())
    }
}
