FROM ruby:3.4
EXPOSE 3000
CMD ["./web"]
