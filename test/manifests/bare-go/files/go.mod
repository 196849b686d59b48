module tea
require github.com/go-chi/chi/v5 v5.2.0
