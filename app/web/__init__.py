"""How pages are served: sessions, guards, forms, errors, navigation. Knows Flask and WTForms, no desk."""
