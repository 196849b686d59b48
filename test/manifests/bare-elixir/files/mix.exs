defp deps, do: [{:phoenix, "~> 1.8"}]
