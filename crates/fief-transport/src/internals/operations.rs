//! The operations of a client, written once for both drivers: each runs the core's flow of the same
//! name.

/// Writes the operations of `Fief`, blocking or async. The driver itself provides `call`, which
/// drives a flow under the name of its operation.
#[macro_export]
#[doc(hidden)]
macro_rules! operations {
    (blocking) => {
        $crate::operations!(@ [] []);
    };
    (async) => {
        $crate::operations!(@ [async] [.await]);
    };
    (@ [$($async:tt)?] [$($await:tt)*]) => {
        impl Fief {
            /// Begins a login with state, nonce and PKCE; keep `pending` until the user comes back.
            ///
            /// See [`Client::login`](fief_proto::Client::login).
            ///
            /// # Errors
            ///
            /// If an argument can't be sent, or the provider can't be reached or must not be
            /// trusted.
            pub $($async)? fn login(
                &self,
                request: impl Into<fief_proto::AuthorizationRequest>,
            ) -> Result<fief_proto::LoginRedirect, fief_proto::Error> {
                let entropy = $crate::internals::entropy::<96>()?;
                self.call("login", self.client().login(request, &entropy)?)$($await)*
            }

            /// Ends a login: checks what the browser came back with, and exchanges the code.
            ///
            /// `callback` is the whole URL that was called, or its query. See
            /// [`Client::finish_login`](fief_proto::Client::finish_login).
            ///
            /// # Errors
            ///
            /// If the callback does not answer this login, the server refuses the code, or the ID
            /// token is invalid.
            pub $($async)? fn finish_login(
                &self,
                pending: fief_proto::PendingLogin,
                callback: &str,
            ) -> Result<(fief_proto::Tokens, fief_proto::UserInfo), fief_proto::Error> {
                self.call("finish_login", self.client().finish_login(pending, callback))$($await)*
            }

            /// Ends a login with a code alone, which a user has copied out of the browser.
            ///
            /// # Errors
            ///
            /// If the server refuses the code, or the ID token is invalid.
            pub $($async)? fn finish_login_with_code(
                &self,
                pending: fief_proto::PendingLogin,
                code: &str,
            ) -> Result<(fief_proto::Tokens, fief_proto::UserInfo), fief_proto::Error> {
                let flow = self.client().finish_login_with_code(pending, code);
                self.call("finish_login", flow)$($await)*
            }

            /// Builds an authorization URL from exactly what it is given; [`login`](Self::login) is
            /// safer.
            ///
            /// # Errors
            ///
            /// If an argument can't be sent, or the provider can't be reached or must not be
            /// trusted.
            pub $($async)? fn auth_url(
                &self,
                request: impl Into<fief_proto::AuthorizationRequest>,
            ) -> Result<String, fief_proto::Error> {
                self.call("auth_url", self.client().auth_url(request)?)$($await)*
            }

            /// Exchanges an authorization code for tokens, and checks the ID token.
            ///
            /// # Errors
            ///
            /// If the server refuses the code, or the ID token is invalid.
            pub $($async)? fn auth_callback(
                &self,
                exchange: fief_proto::CodeExchange,
            ) -> Result<(fief_proto::Tokens, fief_proto::UserInfo), fief_proto::Error> {
                self.call("auth_callback", self.client().auth_callback(exchange)?)$($await)*
            }

            /// Exchanges a refresh token, which the server accepts once, for new tokens.
            ///
            /// # Errors
            ///
            /// If the server refuses the token, or the new ID token is invalid. Keep the refresh
            /// token that [`Error::Unchecked`](fief_proto::Error::Unchecked) carries.
            pub $($async)? fn auth_refresh_token(
                &self,
                request: impl Into<fief_proto::RefreshRequest>,
            ) -> Result<(fief_proto::Tokens, fief_proto::UserInfo), fief_proto::Error> {
                let flow = self.client().auth_refresh_token(request)?;
                self.call("auth_refresh_token", flow)$($await)*
            }

            /// Validates an access token, and checks what it allows. With fresh keys nothing is
            /// sent.
            ///
            /// See [`Client::validate_access_token`](fief_proto::Client::validate_access_token).
            ///
            /// # Errors
            ///
            /// [`Error::AccessToken`](fief_proto::Error::AccessToken) if the token is refused, and
            /// another error if there are no keys to validate it with.
            pub $($async)? fn validate_access_token<'a>(
                &self,
                token: impl Into<fief_proto::TokenRef<'a>>,
                requirements: &fief_proto::Requirements,
            ) -> Result<fief_proto::AccessTokenInfo, fief_proto::Error> {
                let token = token.into();
                if let Some(outcome) = self.state().verified(token.expose(), requirements) {
                    return outcome;
                }
                let mut flow = self.client().validate_access_token(token, requirements);
                let info = self.call("validate_access_token", &mut flow)$($await)*?;
                self.state().keep(&flow, &info);
                Ok(info)
            }

            /// Checks a stored ID token.
            ///
            /// See [`Client::validate_id_token`](fief_proto::Client::validate_id_token).
            ///
            /// # Errors
            ///
            /// [`Error::IdToken`](fief_proto::Error::IdToken) if the token is invalid, and another
            /// error if there are no keys to validate it with.
            pub $($async)? fn validate_id_token<'a>(
                &self,
                token: impl Into<fief_proto::TokenRef<'a>>,
                checks: &fief_proto::IdTokenChecks,
            ) -> Result<fief_proto::UserInfo, fief_proto::Error> {
                let flow = self.client().validate_id_token(token.into(), checks);
                self.call("validate_id_token", flow)$($await)*
            }

            /// Asks the server for the claims of the user whose access token this is.
            ///
            /// # Errors
            ///
            /// If the server refuses the token.
            pub $($async)? fn userinfo<'a>(
                &self,
                token: impl Into<fief_proto::TokenRef<'a>>,
            ) -> Result<fief_proto::UserInfo, fief_proto::Error> {
                self.call("userinfo", self.client().userinfo(token)?)$($await)*
            }

            /// As [`userinfo`](Self::userinfo), and refuses the claims of another user.
            ///
            /// # Errors
            ///
            /// If the server refuses the token, or answers about another user.
            pub $($async)? fn userinfo_of<'a>(
                &self,
                token: impl Into<fief_proto::TokenRef<'a>>,
                subject: impl ToString,
            ) -> Result<fief_proto::UserInfo, fief_proto::Error> {
                self.call("userinfo", self.client().userinfo_of(token, subject)?)$($await)*
            }

            /// Changes the user's profile; user fields are under `fields`.
            ///
            /// The server ignores `email` and `password` here: see
            /// [`email_change`](Self::email_change) and [`change_password`](Self::change_password).
            ///
            /// # Errors
            ///
            /// If the server refuses the token or the data.
            pub $($async)? fn update_profile<'a>(
                &self,
                token: impl Into<fief_proto::TokenRef<'a>>,
                data: &$crate::internals::Value,
            ) -> Result<fief_proto::UserInfo, fief_proto::Error> {
                self.call("update_profile", self.client().update_profile(token, data)?)$($await)*
            }

            /// Changes the user's password. The token must be of
            /// [`Acr::LevelOne`](fief_proto::Acr::LevelOne).
            ///
            /// # Errors
            ///
            /// If the server refuses the token or the password.
            pub $($async)? fn change_password<'a>(
                &self,
                token: impl Into<fief_proto::TokenRef<'a>>,
                password: &fief_proto::NewPassword,
            ) -> Result<fief_proto::UserInfo, fief_proto::Error> {
                let flow = self.client().change_password(token, password)?;
                self.call("change_password", flow)$($await)*
            }

            /// Asks for another email address; a code is mailed to it. The token must be of
            /// [`Acr::LevelOne`](fief_proto::Acr::LevelOne).
            ///
            /// # Errors
            ///
            /// If the server refuses the token or the address.
            pub $($async)? fn email_change<'a>(
                &self,
                token: impl Into<fief_proto::TokenRef<'a>>,
                email: &fief_proto::NewEmail,
            ) -> Result<fief_proto::UserInfo, fief_proto::Error> {
                self.call("email_change", self.client().email_change(token, email)?)$($await)*
            }

            /// Sends the code that was mailed, which makes the new address the user's. The token
            /// must be of [`Acr::LevelOne`](fief_proto::Acr::LevelOne).
            ///
            /// # Errors
            ///
            /// If the server refuses the token or the code.
            pub $($async)? fn email_verify<'a>(
                &self,
                token: impl Into<fief_proto::TokenRef<'a>>,
                code: &fief_proto::EmailCode,
            ) -> Result<fief_proto::UserInfo, fief_proto::Error> {
                self.call("email_verify", self.client().email_verify(token, code)?)$($await)*
            }

            /// The URL that ends the user's session at Fief and then sends the browser to
            /// `redirect_uri`.
            ///
            /// # Errors
            ///
            /// If the redirect URI is not absolute or holds a fragment.
            pub fn logout_url(&self, redirect_uri: &str) -> Result<String, fief_proto::Error> {
                self.client().logout_url(redirect_uri)
            }

            /// Checks a webhook delivery and reads its event; `body` is the raw body. See
            /// [`verify_webhook`](fief_proto::verify_webhook).
            ///
            /// # Errors
            ///
            /// [`Error::Webhook`](fief_proto::Error::Webhook): answer with 4xx and do nothing.
            pub fn verify_webhook(
                &self,
                secret: &str,
                headers: &$crate::internals::HeaderMap,
                body: &[u8],
            ) -> Result<fief_proto::WebhookEvent, fief_proto::Error> {
                fief_proto::verify_webhook(secret, headers, body, self.now())
            }

            /// A fresh verifier for PKCE, for [`auth_url`](Self::auth_url); `login` makes its own.
            ///
            /// # Errors
            ///
            /// If the operating system has no random numbers.
            pub fn pkce() -> Result<fief_proto::Pkce, fief_proto::Error> {
                $crate::internals::pkce()
            }

            /// A fresh string that can't be guessed, for the `state` or `nonce` of an
            /// [`auth_url`](Self::auth_url); `login` makes its own.
            ///
            /// # Errors
            ///
            /// If the operating system has no random numbers.
            pub fn random_string() -> Result<fief_proto::Secret, fief_proto::Error> {
                $crate::internals::random_string()
            }
        }
    };
}
