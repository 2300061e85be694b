//! The pages in French.

/// The French of a sentence that pages say. `{}` stands for the same as in English.
pub(super) fn of(english: &str) -> Option<&'static str> {
    Some(match english {
        // The frame of a page.
        "Language" => "Langue",
        "A Fief server for development. It protects nothing." => {
            "Un serveur Fief pour le développement. Il ne protège rien."
        }
        // Signing in and up.
        "Sign in" => "Se connecter",
        "Welcome back!" => "Heureux de vous revoir !",
        "Email address" => "Adresse e-mail",
        "Password" => "Mot de passe",
        "Don't have an account?" => "Vous n’avez pas de compte ?",
        "Sign up" => "S’inscrire",
        "Create an account" => "Créer un compte",
        "Address line 1" => "Adresse, ligne 1",
        "Address line 2" => "Adresse, ligne 2",
        "Postal code" => "Code postal",
        "City" => "Ville",
        "State" => "Région",
        "Country" => "Pays",
        "Already have an account?" => "Vous avez déjà un compte ?",
        // The mailed code.
        "Verify your email" => "Vérifiez votre adresse e-mail",
        "Enter the code that was sent to your address." => {
            "Saisissez le code envoyé à votre adresse."
        }
        "Verification code" => "Code de vérification",
        "Verify my email" => "Vérifier mon adresse",
        "Resend the code" => "Renvoyer le code",
        "This server sends no mail. What it would have sent is on the" => {
            "Ce serveur n’envoie aucun message. Ceux qu’il aurait envoyés sont sur la"
        }
        "page of mails" => "page des messages",
        // Consent.
        "Access to your account" => "Accès à votre compte",
        "{} wants to access your account" => "{} souhaite accéder à votre compte",
        "This will allow {} to:" => "{} pourra ainsi :",
        "see who you are: your email address and your profile" => {
            "voir qui vous êtes : votre adresse e‑mail et votre profil"
        }
        "keep this access while you are away" => "garder cet accès en votre absence",
        "use what it calls" => "utiliser ce qu’il appelle",
        "Allow" => "Autoriser",
        "Deny" => "Refuser",
        // Where those come who are not on their way to a program.
        "Your account" => "Votre compte",
        "You are signed in as {}." => "Vous êtes connecté en tant que {}.",
        "You are not signed in." => "Vous n’êtes pas connecté.",
        "Sign out" => "Se déconnecter",
        "Administration" => "Administration",
        "API documentation" => "Documentation de l’API",
        // What goes wrong.
        "Authorize" => "Autorisation",
        "The program that sent you here made a mistake. Its developer can tell by this message:" => {
            "Le programme qui vous a envoyé ici a fait une erreur. Ce message aidera son développeur :"
        }
        "Please check what you entered." => "Veuillez vérifier votre saisie.",
        "This field is required." => "Ce champ est requis.",
        "Invalid email address." => "Adresse e-mail non valide.",
        "Password must be at least 8 characters long." => {
            "Le mot de passe doit contenir au moins 8 caractères."
        }
        "Password must be at most 128 characters long." => {
            "Le mot de passe doit contenir au plus 128 caractères."
        }
        "Password is not strong enough." => "Le mot de passe n’est pas assez robuste.",
        "Not a valid integer value." => "Ce n’est pas un nombre entier.",
        "Not a valid date value." => "Ce n’est pas une date valide.",
        "Not a valid datetime value." => "Ce n’est pas une date et heure valides.",
        "Not a valid choice." => "Ce n’est pas un choix valable.",
        "The country code is missing." => "L’indicatif du pays manque.",
        "CSRF failed." => "Ce formulaire n’est plus valable. Veuillez réessayer.",
        "Invalid email or password" => "Adresse e-mail ou mot de passe incorrect",
        "A user with the same email address already exists." => {
            "Un utilisateur avec la même adresse e-mail existe déjà."
        }
        "The verification code is invalid. Please check that you have entered it correctly." => {
            "Le code de vérification est incorrect. Veuillez vérifier votre saisie."
        }
        "Invalid login session" => "Session de connexion non valable",
        "Missing login session. You should return to {} and try to login again" => {
            "Session de connexion absente. Retournez sur {} et reconnectez-vous"
        }
        "Registration is disabled" => "L’inscription est désactivée",
        "client_id is missing" => "client_id est absent",
        "Unknown client" => "Client inconnu",
        "redirect_uri is missing" => "redirect_uri est absent",
        "redirect_uri is not authorized for this client" => {
            "redirect_uri n’est pas autorisé pour ce client"
        }
        _ => return None,
    })
}
