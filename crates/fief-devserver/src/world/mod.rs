//! What the server knows: who and what there is, and who is signed in.
//!
//! Plain data in memory, behind one lock in [`App`](crate::http::App). Everything that a stranger
//! can make grow is a [`Tokens`], which has a greatest size.

mod account;
mod change;
mod client;
mod code;
mod document;
mod fill;
mod redirect_uri;
mod remove;
mod session;
mod tenant;
mod tokens;
mod update;
mod user;

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use crate::settings::UserField;

pub(crate) use self::{
    account::{EMAIL_CODE_LIFETIME, EmailCode},
    change::{Event, Subscriber},
    client::{Client, Lifetimes},
    code::{AuthorizationCode, RefreshToken},
    redirect_uri::{RedirectUriError, redirect_uri},
    session::{Challenge, LoginSession, ResponseType, Session},
    tenant::Tenant,
    tokens::{Tokens, random_text},
    user::User,
};

/// All of it.
pub(crate) struct World {
    pub(crate) key_bits: u16,
    pub(crate) default_tenant: Tenant,
    pub(crate) other_tenants: Vec<Tenant>,
    pub(crate) clients: Vec<Client>,
    pub(crate) users: Vec<User>,
    /// By codename.
    pub(crate) permissions: BTreeMap<String, Permission>,
    pub(crate) user_fields: Vec<UserField>,
    /// What a user has agreed to give a client.
    pub(crate) grants: HashMap<(Uuid, Uuid), Vec<String>>,
    pub(crate) login_sessions: Tokens<LoginSession>,
    pub(crate) sessions: Tokens<Session>,
    /// Tenants at which a registration page was shown.
    pub(crate) registrations: Tokens<Uuid>,
    pub(crate) codes: Tokens<AuthorizationCode>,
    pub(crate) refresh_tokens: Tokens<RefreshToken>,
    pub(crate) email_codes: Tokens<EmailCode>,
    /// Who is told what happens; nobody while the world is filled.
    pub(crate) subscribers: Vec<Subscriber>,
}

/// A permission that can be granted.
#[derive(Clone)]
pub(crate) struct Permission {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) created_at: i64,
}

impl World {
    /// All tenants, the default one first.
    pub(crate) fn tenants(&self) -> impl Iterator<Item = &Tenant> {
        std::iter::once(&self.default_tenant).chain(&self.other_tenants)
    }

    pub(crate) fn tenants_mut(&mut self) -> impl Iterator<Item = &mut Tenant> {
        std::iter::once(&mut self.default_tenant).chain(&mut self.other_tenants)
    }

    /// The tenant whose paths start with that; none is the default one.
    pub(crate) fn tenant(&self, slug: Option<&str>) -> Option<&Tenant> {
        match slug {
            None => Some(&self.default_tenant),
            Some(slug) => self.tenants().find(|tenant| tenant.slug == slug),
        }
    }

    pub(crate) fn tenant_by_id(&self, id: Uuid) -> Option<&Tenant> {
        self.tenants().find(|tenant| tenant.id == id)
    }

    pub(crate) fn client(&self, client_id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.client_id == client_id)
    }

    pub(crate) fn client_by_id(&self, id: Uuid) -> Option<&Client> {
        self.clients.iter().find(|client| client.id == id)
    }

    pub(crate) fn user(&self, id: Uuid) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    pub(crate) fn user_mut(&mut self, id: Uuid) -> Option<&mut User> {
        self.users.iter_mut().find(|user| user.id == id)
    }

    pub(crate) fn user_by_email(&self, tenant: Uuid, email: &str) -> Option<&User> {
        self.users
            .iter()
            .find(|user| user.tenant == tenant && user.email.eq_ignore_ascii_case(email))
    }
}
